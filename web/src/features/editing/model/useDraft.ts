import { useEffect, useRef } from 'react';
import { draftName, forgetDraft, keepDraft } from '../../../lib/drafts.ts';
import type { Draft } from './draft.ts';
import type { Named } from './useSave.ts';

const KEEP_EVERY_MS = 1000;

/** A request that was sent. Beside it for a sheet, so that it can be told what became of it: */
export interface Sent extends Named {
  /** The sheet as it was sent; where it is not known, it counts as changed. */
  draft?: Draft;
  /** When it was sent first, in milliseconds since 1970. */
  time?: number;
  /** It arrived, and the sheet has changed since: what is to be taken back, and the one key for that. */
  undo?: { changeSet: string; key: string };
}

/** A form as it is kept on this device. */
export interface KeptForm {
  base: Draft;
  draft: Draft;
  reason: string;
  /** The request that was last sent: it may have arrived. */
  sent: Sent | null;
}

/** Keeps the form each second while it changes, and at once when the window is left. */
export function useKeptForm(form: KeptForm, changed: boolean) {
  const latest = useRef(form);
  const dirty = useRef(changed);
  const kept = useRef<KeptForm | null>(null);
  const closed = useRef(false);
  useEffect(() => {
    latest.current = form;
    dirty.current = changed;
  });
  const name = draftName(form.base.treeId, form.base.id);

  const keep = useRef(() => {
    if (closed.current || !dirty.current || kept.current === latest.current) return;
    kept.current = latest.current;
    void keepDraft(name, latest.current);
  });
  useEffect(() => {
    const run = keep.current;
    const timer = setInterval(run, KEEP_EVERY_MS);
    addEventListener('pagehide', run);
    document.addEventListener('visibilitychange', run);
    return () => {
      clearInterval(timer);
      removeEventListener('pagehide', run);
      document.removeEventListener('visibilitychange', run);
      run();
    };
  }, []);

  /** Saved, or thrown away. */
  const forget = async () => {
    closed.current = true;
    await forgetDraft(name);
  };
  return { forget, keepNow: () => keep.current() };
}

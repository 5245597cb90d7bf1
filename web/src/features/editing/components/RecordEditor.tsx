import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../../api/client.ts';
import { type Shortcut, useShortcuts } from '../../../lib/keys.ts';
import { Button } from '../../../ui/Button.tsx';
import { TextField } from '../../../ui/fields.tsx';
import { Card } from '../../../ui/Page.tsx';
import { lastCited, rememberCited } from '../model/basket.ts';
import { whereRefused, type Wrong, wrongIn } from '../model/check.ts';
import { type Draft, newKey, next, sameDraft, type Step } from '../model/draft.ts';
import { type Merged, merge, settle, type Side } from '../model/merge.ts';
import { planOf } from '../model/operations.ts';
import { isVersionConflict, refusalText } from '../model/refusal.ts';
import { type KeptForm, useKeptForm } from '../model/useDraft.ts';
import { useSave } from '../model/useSave.ts';
import { Citations } from './Citations.tsx';
import { Conflict } from './Conflict.tsx';
import { cellName, FormProvider, goOn } from './form.tsx';
import { ChildrenOrder, Facts, Names, Notes, Partners, SexAndLiving } from './parts.tsx';
import { Summary, type Trouble } from './Summary.tsx';

export interface EditorProps {
  /** The record as it was when editing began, or as the draft that is taken up again had it. */
  start: KeptForm;
  title: string;
  /** Key of the fact that the reader wants to mend. */
  focus: string;
  /** Asks for the record as it is now. */
  reload(): Promise<Draft>;
  /** After saving, or leaving; the draft is kept unless it was thrown away. */
  onClose(): void;
  /** After saving with Ctrl Enter: on to the next record. */
  onNext(): void;
}

/** The citation made last, for the fact in which one stands: `.` beside the fields, Ctrl . in them. Then the focus is in its page. */
function useCiteAgain(draft: Draft, step: (step: Step) => void, focus: (key: string) => void): Shortcut[] {
  const added = useRef('');
  const going = useRef(focus);
  useEffect(() => {
    going.current = focus;
    if (added.current === '') return;
    going.current(added.current);
    added.current = '';
  });
  return useMemo(() => {
    const run = () => {
      const last = lastCited(draft.treeId);
      if (!last) return;
      const box = document.activeElement?.closest('fieldset[id^="edit-"]');
      added.current = newKey();
      step({ type: 'add', part: { key: added.current, kind: 'citation', owner: box?.id.slice('edit-'.length) ?? '', fields: { ...last } } });
    };
    return ['.', 'Ctrl .'].map((keys) => ({ keys, name: 'cite_again', run }));
  }, [draft.treeId, step]);
}

/** The form of a person or a family. Saved as one change set; nothing typed is lost by whatever happens. */
export function RecordEditor({ start, title, focus, reload, onClose, onNext }: EditorProps) {
  const { t } = useTranslation('editing');
  const [base, setBase] = useState(start.base);
  const [draft, step] = useReducer(next, start.draft);
  const [reason, setReason] = useState(start.reason);
  const [wrong, setWrong] = useState<Wrong[]>([]);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [busy, setBusy] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const [conflict, setConflict] = useState<{ merged: Merged; theirs: Draft; chosen: (Side | undefined)[] } | null>(null);
  const { save, nameOf } = useSave(base.treeId, start.sent);
  const [sent, setSent] = useState(start.sent);
  const changed = useMemo(() => !sameDraft(base, draft), [base, draft]);
  const kept = useMemo((): KeptForm => ({ base, draft, reason, sent }), [base, draft, reason, sent]);
  const { forget } = useKeptForm(kept, changed);
  const fields = useRef(new Map<string, HTMLElement>());
  const form = useRef<HTMLFormElement>(null);

  const place = useCallback((key: string, field: string, element: HTMLElement | null) => {
    if (element) fields.current.set(cellName(key, field), element);
    else fields.current.delete(cellName(key, field));
  }, []);
  const context = useMemo(() => ({ draft, step, wrong, place }), [draft, wrong, place]);

  useEffect(() => {
    const section = focus ? document.querySelector<HTMLElement>(`#${CSS.escape(`edit-${focus}`)}`) : null;
    (section ?? form.current)?.querySelector<HTMLElement>('input, select')?.focus();
    section?.scrollIntoView({ block: 'center' });
  }, [focus]);

  useShortcuts(useCiteAgain(draft, step, (key) => {
    const page = fields.current.get(cellName(key, 'page'));
    const folded = page?.closest('details');
    if (folded) folded.open = true;
    page?.focus();
  }));

  const go = ({ key, field }: Wrong) => {
    const element = fields.current.get(cellName(key, field)) ?? document.querySelector<HTMLElement>(`#${CSS.escape(`edit-${key}`)} input`);
    const folded = element?.closest('details');
    if (folded) folded.open = true;
    element?.focus();
  };

  const refuse = (error: unknown, from: string[]) => {
    const said = error instanceof ApiError ? (error.problem.errors ?? []) : [];
    const found = said.map(({ field, pointer, message }) => whereRefused(field || pointer, from, message)).filter((one) => one !== undefined);
    setAttempt((before) => before + 1);
    setWrong(found);
    setTrouble(found.length > 0 ? null : { text: refusalText(error, t), again: !(error instanceof ApiError) || error.problem.status === 0 || error.problem.status >= 500 });
  };

  const meet = async (mine: Draft) => {
    const theirs = await reload();
    const merged = merge(base, mine, theirs);
    setConflict({ merged, theirs, chosen: merged.clashes.map(() => undefined) });
  };

  const submit = async (wanted: Draft, from: Draft, done = onClose) => {
    const found = wrongIn(from, wanted);
    setAttempt((before) => before + 1);
    setWrong(found);
    setTrouble(null);
    if (found.length > 0 || busy) return;
    const plan = planOf(from, wanted);
    if (plan.ops.length === 0) {
      await forget();
      done();
      return;
    }
    setBusy(true);
    setSent(nameOf(plan.ops, reason));
    try {
      if ((await save(plan.ops, reason)) === undefined) return;
      rememberCited(from, wanted);
      await forget();
      done();
    } catch (error) {
      try {
        if (isVersionConflict(error)) await meet(wanted);
        else refuse(error, plan.from);
      } catch (second) {
        refuse(second, plan.from);
      }
    } finally {
      setBusy(false);
    }
  };

  // In the form its own handler is first; this is for whoever stands beside it, and for the map of keys.
  const saveNext = useRef(() => {});
  useEffect(() => {
    saveNext.current = () => void submit(draft, base, onNext);
  });
  useShortcuts(useMemo((): Shortcut[] => [{ keys: 'Ctrl enter', name: 'save_next', run: () => saveNext.current() }], []));

  const choose = useCallback((index: number, side: Side) => {
    setConflict((now) => now && { ...now, chosen: now.chosen.with(index, side) });
  }, []);

  /** The merged form, on top of what the other has saved. */
  const takeMerged = (): { draft: Draft; base: Draft } => {
    const { merged, theirs, chosen } = conflict!;
    const settled = merged.clashes.reduce((all, clash, index) => settle(all, theirs, clash, chosen[index] ?? 'mine'), merged.draft);
    setBase(theirs);
    step({ type: 'all', draft: settled });
    setConflict(null);
    return { draft: settled, base: theirs };
  };

  if (conflict) {
    return (
      <Conflict merged={conflict.merged} draft={draft} chosen={conflict.chosen} onChoose={choose} onBack={() => takeMerged()}
        onSave={() => {
          const { draft: settled, base: theirs } = takeMerged();
          void submit(settled, theirs);
        }}
      />
    );
  }
  return (
    <FormProvider value={context}>
      <form
        ref={form}
        aria-label={title}
        noValidate
        className="space-y-6 [&_:is(input,select,textarea,summary)]:scroll-mt-24 [&_:is(input,select,textarea,summary)]:scroll-mb-40"
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            void submit(draft, base, onNext);
          } else if (event.key === 'Escape' && !event.defaultPrevented) {
            onClose();
          } else {
            goOn(event);
          }
        }}
        onSubmit={(event) => {
          event.preventDefault();
          void submit(draft, base);
        }}
      >
        {(wrong.length > 0 || trouble) && <Summary key={attempt} wrong={wrong} trouble={trouble} go={go} />}
        {draft.kind === 'person' && <Card title={t('section.names')}><Names /></Card>}
        {draft.kind === 'person' && <Card title={t('section.person')}><SexAndLiving /></Card>}
        {draft.kind === 'family' && <Card title={t('section.partners')}><Partners /></Card>}
        {draft.kind === 'family' && <Card title={t('section.children')}><ChildrenOrder /></Card>}
        <Card title={t('section.facts')}><Facts /></Card>
        <Card title={t('section.notes')}><Notes owner="" /></Card>
        <Card title={t('section.sources')}><Citations owner="" /></Card>
        <TextField label={t('reason')} value={reason} maxLength={300} onChange={(event) => setReason(event.target.value)} autoComplete="off" />
        <div className="sticky bottom-(--shell-bottom) z-10 -mx-4 flex flex-wrap items-end gap-3 border-t border-line-strong bg-plaster px-4 py-3">
          <Button kind="primary" type="submit" aria-disabled={busy}>{busy ? t('saving') : t('save')}</Button>
          <Button onClick={onClose}>{changed ? t('later') : t('cancel')}</Button>
          {changed && <Button kind="quiet" onClick={() => void forget().then(onClose)}>{t('discard')}</Button>}
        </div>
      </form>
    </FormProvider>
  );
}

import { IconArrowBackUp, IconCloudOff, IconRefresh, IconX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { treeChanged } from '../api/changed.ts';
import { undoChanges } from '../api/commands.ts';
import { connection, onConnection } from '../api/connection.ts';
import { mayHavePacks } from '../api/packs-here.ts';
import { newVersion, onNewVersion, changeToNewest } from '../lib/copies.ts';
import { type Shortcut, useShortcuts } from '../lib/keys.ts';
import { lastSaved, newRequestKey, noteSaved, onSaved, type Saved } from '../lib/saved.ts';
import { Button, IconButton } from '../ui/Button.tsx';

const bar = 'no-print flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line-strong bg-sunken px-4 py-2 text-sm sm:px-6';

const DAY_MS = 24 * 60 * 60 * 1000;

/** "14:02" of today, else with the day. */
function showTime(iso: string, language: string): string {
  const time = new Date(iso);
  const recent = Date.now() - time.getTime() < DAY_MS;
  return new Intl.DateTimeFormat(language, recent ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' }).format(time);
}

/** That one reads copies, and of when. */
function Away() {
  const { t, i18n } = useTranslation(['window', 'common']);
  const client = useQueryClient();
  const { lost, keptAt } = useSyncExternalStore(onConnection, connection);
  return (
    <div role="status">
      {lost && (
        <div className={bar}>
          <IconCloudOff aria-hidden className="size-5 shrink-0" />
          <p className="min-w-0 flex-1">
            <strong className="font-semibold">{t('away.title')}</strong>{' '}
            {keptAt ? t('away.copies', { time: showTime(keptAt, i18n.language) }) : t('away.none')} {t('away.read_only')}
          </p>
          {mayHavePacks() && <Link to="/settings" className="prose-link">{t('away.unlock')}</Link>}
          <Button onClick={() => void client.invalidateQueries()}>{t('common:failure.retry')}</Button>
        </div>
      )}
    </div>
  );
}

function Newer() {
  const { t } = useTranslation(['window', 'common']);
  const worker = useSyncExternalStore(onNewVersion, newVersion);
  return (
    <div role="status">
      {worker && (
        <div className={bar}>
          <IconRefresh aria-hidden className="size-5 shrink-0" />
          <p className="min-w-0 flex-1">{t('newer.text')}</p>
          <Button onClick={changeToNewest}>{t('newer.change')}</Button>
        </div>
      )}
    </div>
  );
}

const TOAST_MS = 10_000;

/** Takes back what was saved last; taking back is a change too, and can be taken back. */
function useUndo(saved: Saved | null, refused: () => void) {
  const client = useQueryClient();
  return useMemo(() => {
    if (saved === null) return undefined;
    // The key names the wish: pressed twice, it is done once.
    const key = newRequestKey();
    return async () => {
      try {
        const { changeSet } = await undoChanges(saved.changeSet, key);
        if (lastSaved() === saved) noteSaved({ treeId: saved.treeId, changeSet, undone: !saved.undone });
        await treeChanged(client, saved.treeId);
      } catch {
        refused();
      }
    };
  }, [saved, client, refused]);
}

/** "Saved · Undo", for a while; the key `u` stays. */
function SavedToast() {
  const { t } = useTranslation(['window', 'common']);
  const saved = useSyncExternalStore(onSaved, lastSaved);
  const [hidden, setHidden] = useState<Saved | null>(null);
  const [failed, setFailed] = useState<Saved | null>(null);
  const [held, setHeld] = useState(false);
  const refused = useMemo(() => () => {
    setHidden(null);
    setFailed(saved);
  }, [saved]);
  const undo = useUndo(saved, refused);
  useShortcuts(useMemo((): Shortcut[] => (undo ? [{ keys: 'u', name: 'undo', run: () => void undo() }] : []), [undo]));
  useEffect(() => {
    if (saved === null || held) return undefined;
    const timer = setTimeout(() => setHidden(saved), TOAST_MS);
    return () => clearTimeout(timer);
  }, [saved, held]);
  const shown = saved !== null && hidden !== saved;
  return (
    <div role="status" className="no-print pointer-events-none fixed inset-x-0 bottom-[calc(var(--shell-bottom)+5.5rem)] z-30 flex justify-center px-4">
      {shown && (
        <div
          className="pointer-events-auto flex items-center gap-3 rounded-card border border-line-strong bg-card py-2 pe-2 ps-4 shadow-layer"
          onPointerEnter={() => setHeld(true)} onPointerLeave={() => setHeld(false)} onFocus={() => setHeld(true)} onBlur={() => setHeld(false)}
        >
          <p>{failed === saved ? t('saved.refused') : saved.undone ? t('saved.undone') : t('saved.done')}</p>
          {failed !== saved && (
            <Button icon={<IconArrowBackUp aria-hidden className="size-5" />} onClick={() => void undo?.()}>{saved.undone ? t('saved.redo') : t('saved.undo')}</Button>
          )}
          <IconButton label={t('common:close')} icon={<IconX aria-hidden className="size-5" />} onClick={() => setHidden(saved)} />
        </div>
      )}
    </div>
  );
}

/** What holds for the whole window, above the page. */
export function Notices() {
  return <><Away /><Newer /><SavedToast /></>;
}

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { treeChanged } from '../../../api/changed.ts';
import { revertRecord } from '../../../api/commands.ts';
import { recordHistoryQuery, recordVersionQuery } from '../../../api/queries.ts';
import type { RecordVersionEntry } from '../../../api/types.ts';
import { noteSaved } from '../../../lib/saved.ts';
import { Button } from '../../../ui/Button.tsx';
import { Fold } from '../../../ui/Fold.tsx';
import { Card } from '../../../ui/Page.tsx';
import { Failed, Loaded } from '../../archive/index.ts';
import { showMoment } from '../model/words.ts';
import { Differences } from './Differences.tsx';

function Version({ treeId, id, entry, current }: { treeId: string; id: string; entry: RecordVersionEntry; current: number }) {
  const { t, i18n } = useTranslation('keeping');
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const query = useQuery({ ...recordVersionQuery(treeId, id, entry.version), enabled: open });
  const revert = async () => {
    setError(null);
    try {
      const { changeSet } = await revertRecord(id, entry.version, `"v${current}"`);
      noteSaved({ treeId, changeSet, undone: false });
      await treeChanged(client, treeId);
    } catch (failure) {
      setError(failure);
    }
  };
  const now = entry.version === current;
  return (
    <li>
      <Card>
        <div className="flex flex-wrap items-center justify-between gap-3">
          <div className="min-w-0">
            <p className="font-semibold">{t(`change.${entry.kind}` as 'change.update', { defaultValue: entry.kind })} · {t('version', { number: entry.version })}</p>
            <p className="text-sm text-ink-2">{showMoment(entry.time, i18n.language)} · {t(`actor.${entry.actor}` as 'actor.owner', { defaultValue: entry.actor })}</p>
            {entry.reason && <p><bdi>{entry.reason}</bdi></p>}
          </div>
          {now ? <span className="rounded-full border border-accent px-3 text-sm text-accent">{t('current')}</span>
            : entry.kind !== 'delete' && <Button onClick={() => void revert()}>{t('revert')}</Button>}
        </div>
        {error !== null && <div className="mt-3"><Failed error={error} /></div>}
        <Fold className="mt-2" title={t('what')} onToggle={setOpen}>
          {open && <Loaded query={query} lines={3}>{({ differences }) => <Differences items={differences} />}</Loaded>}
        </Fold>
      </Card>
    </li>
  );
}

/** The versions of one record, newest first; each can be taken up again. */
export function RecordHistory({ treeId, id, version }: { treeId: string; id: string; version: number }) {
  const { t } = useTranslation('keeping');
  const query = useQuery(recordHistoryQuery(treeId, id));
  return (
    <Loaded query={query}>
      {({ items }) => (
        <>
          <p className="mb-4 text-ink-2">{t('relations_stay')}</p>
          <ol className="space-y-4">{items.map((entry) => <Version key={entry.version} treeId={treeId} id={id} entry={entry} current={version} />)}</ol>
        </>
      )}
    </Loaded>
  );
}

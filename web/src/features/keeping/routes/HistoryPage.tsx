import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { treeChanged } from '../../../api/changed.ts';
import { ApiError } from '../../../api/client.ts';
import { undoChanges } from '../../../api/commands.ts';
import { changeSetQuery, type HistoryAsked, historyPages, personQuery } from '../../../api/queries.ts';
import type { HistoryEntry } from '../../../api/types.ts';
import { newRequestKey, noteSaved } from '../../../lib/saved.ts';
import { Button } from '../../../ui/Button.tsx';
import { SelectField, TextField } from '../../../ui/fields.tsx';
import { Fold } from '../../../ui/Fold.tsx';
import { Card, Page } from '../../../ui/Page.tsx';
import { Empty, Skeleton } from '../../../ui/states.tsx';
import { Failed, Loaded } from '../../archive/index.ts';
import { PersonPicker } from '../../search/index.ts';
import { Differences } from '../components/Differences.tsx';
import { KINDS } from '../model/search.ts';
import { showMoment } from '../model/words.ts';

const route = getRouteApi('/t/$tree/history');

/** A record by name, as a link where it has a page. */
function RecordName({ tree, id, kind, name, deleted }: { tree: string; id: string; kind: string; name: string; deleted: boolean }) {
  const { t } = useTranslation('keeping');
  const words = name || t(`kind.${kind}` as 'kind.person', { defaultValue: kind });
  if (deleted) return <del><bdi>{words}</bdi></del>;
  if (kind === 'person') return <Link to="/t/$tree/people/$id/{-$tab}" params={{ tree, id, tab: 'history' }} className="prose-link"><bdi>{words}</bdi></Link>;
  if (kind === 'family') return <Link to="/t/$tree/families/$id" params={{ tree, id }} className="prose-link"><bdi>{words}</bdi></Link>;
  if (kind === 'source') return <Link to="/t/$tree/sources/$id" params={{ tree, id }} className="prose-link"><bdi>{words}</bdi></Link>;
  return <bdi>{words}</bdi>;
}

function Detail({ tree, id }: { tree: string; id: string }) {
  const { t } = useTranslation('keeping');
  const query = useQuery(changeSetQuery(tree, id));
  return (
    <Loaded query={query} lines={3}>
      {({ records, recordsTotal }) => (
        <ul className="space-y-4">
          {records.map((record) => (
            <li key={record.id}>
              <p className="mb-1 font-semibold">
                <RecordName tree={tree} id={record.id} kind={record.kind} name={record.name} deleted={record.deleted} />
                {record.created && <span className="ms-2 text-sm font-normal text-ink-2">{t('made')}</span>}
                {record.deleted && <span className="ms-2 text-sm font-normal text-ink-2">{t('deleted')}</span>}
              </p>
              <Differences items={record.differences} />
            </li>
          ))}
          {recordsTotal > records.length && <li className="text-ink-2">{t('more_records', { count: recordsTotal - records.length })}</li>}
        </ul>
      )}
    </Loaded>
  );
}

function refusal(error: unknown): 'later' | null {
  return error instanceof ApiError && error.problem.code === 'later_changes' ? 'later' : null;
}

function Entry({ tree, entry, undone }: { tree: string; entry: HistoryEntry; undone: boolean }) {
  const { t, i18n } = useTranslation('keeping');
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [key] = useState(newRequestKey);
  const undo = async () => {
    setError(null);
    try {
      const { changeSet } = await undoChanges(entry.id, key);
      noteSaved({ treeId: tree, changeSet, undone: true });
      await treeChanged(client, tree);
    } catch (failure) {
      setError(failure);
    }
  };
  const more = entry.recordsTotal - entry.records.length;
  return (
    <li>
      <Card>
        <div className="flex flex-wrap items-start justify-between gap-3">
          <div className="min-w-0 flex-1">
            <p className="font-semibold">
              {t(`set.${entry.kind}`)}{entry.records.length > 0 && ': '}
              {entry.records.map((record, index) => <span key={record.id}>{index > 0 && ', '}<RecordName tree={tree} {...record} /></span>)}
              {more > 0 && ` ${t('and_more', { count: more })}`}
            </p>
            <p className="text-sm text-ink-2">{showMoment(entry.time, i18n.language)} · {t(`actor.${entry.actor}` as 'actor.owner', { defaultValue: entry.actor })}</p>
            {entry.reason && <p><bdi>{entry.reason}</bdi></p>}
          </div>
          {undone && <span className="rounded-full border border-line-strong px-3 text-sm text-ink-2">{t('taken_back')}</span>}
          {entry.kind === 'import'
            ? <Link to="/t/$tree/import" params={{ tree }} className="prose-link">{t('to_import')}</Link>
            : !undone && <Button onClick={() => void undo()}>{t('undo')}</Button>}
        </div>
        {error !== null && (refusal(error)
          ? <p role="alert" className="mt-3 font-semibold text-danger">{t('refused_later')}</p>
          : <div className="mt-3"><Failed error={error} /></div>)}
        {entry.recordsTotal > 0 && (
          <Fold className="mt-2" title={t('what')} onToggle={setOpen}>
            {open && <Detail tree={tree} id={entry.id} />}
          </Fold>
        )}
      </Card>
    </li>
  );
}

/** Which changes: of a kind, of a person, of a time. In the address, so that it can be linked to. */
function Filter({ tree }: { tree: string }) {
  const { t } = useTranslation('keeping');
  const { kind, person, from, until } = route.useSearch();
  const navigate = route.useNavigate();
  const chosen = useQuery({ ...personQuery(tree, person ?? ''), enabled: person !== undefined });
  const put = (change: HistoryAsked) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  return (
    <div className="no-print mb-5 grid items-start gap-4 sm:grid-cols-2 lg:grid-cols-[12rem_1fr_11rem_11rem]">
      <SelectField label={t('history.kind')} value={kind ?? ''} onChange={(event) => put({ kind: KINDS.find((one) => one === event.target.value) })}>
        <option value="">{t('history.all')}</option>
        {KINDS.map((one) => <option key={one} value={one}>{t(`set.${one}`)}</option>)}
      </SelectField>
      <PersonPicker treeId={tree} label={t('history.person')} placeholder={t('history.everybody')} chosen={person ? (chosen.data?.brief ?? null) : null}
        onChoose={({ id }) => put({ person: id })} />
      <TextField label={t('history.from')} type="date" value={from ?? ''} max={until} onChange={(event) => put({ from: event.target.value || undefined })} />
      <TextField label={t('history.until')} type="date" value={until ?? ''} min={from} onChange={(event) => put({ until: event.target.value || undefined })} />
      {(kind || person || from || until) && (
        <Button className="sm:col-span-full sm:justify-self-start" onClick={() => void navigate({ search: {}, replace: true })}>{t('history.clear')}</Button>
      )}
    </div>
  );
}

/** Who changed what in the tree, newest first. */
export function HistoryPage() {
  const { t } = useTranslation('keeping');
  const { t: common } = useTranslation('common');
  const { tree } = route.useParams();
  const asked = route.useSearch();
  const query = useInfiniteQuery(historyPages(tree, asked));
  const entries = query.data?.pages.flatMap(({ items }) => items) ?? [];
  const undone = new Set(entries.map(({ undoes }) => undoes));
  const filtered = Object.values(asked).some((value) => value !== undefined);
  return (
    <Page title={t('history.title')} lead={t('history.lead')}>
      <Filter tree={tree} />
      {!query.data && (query.error ? <Failed error={query.error} retry={() => void query.refetch()} /> : <Skeleton label={common('loading')} />)}
      {query.data && entries.length === 0 && !query.hasNextPage && <Empty title={t(filtered ? 'history.none_such' : 'history.none')} />}
      <ol className="space-y-4">{entries.map((entry) => <Entry key={entry.id} tree={tree} entry={entry} undone={undone.has(entry.id)} />)}</ol>
      {query.hasNextPage && <Button className="mt-6" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{common('list.more')}</Button>}
    </Page>
  );
}

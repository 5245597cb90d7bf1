import { IconAlertTriangle, IconChevronDown, IconCircleCheck, IconDownload, IconInfoCircle, IconXboxX } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { importMessagesCsv, judgeImportGroup, undoImport } from '../../../api/commands.ts';
import { checksPages, importMessagesPages, importQuery } from '../../../api/queries.ts';
import type { Import, ImportGroup, ImportMessage, Severity } from '../../../api/types.ts';
import { Button, buttonClass } from '../../../ui/Button.tsx';
import { Dialog } from '../../../ui/Dialog.tsx';
import { Card, Page } from '../../../ui/Page.tsx';
import { ApiError } from '../../../api/client.ts';
import { Failed, Loaded, LoadedPages } from '../../archive/index.ts';
import { fileSize } from '../model.ts';
import { JobProgress } from '../components/JobProgress.tsx';
import { isFinal, useJob } from '../useJob.ts';

/** Besides the job's own news: a report that has just been finished must not wait for anybody. */
const POLL_MS = 2000;
const route = getRouteApi('/t/$tree/import/$id');
const icons: Record<Severity, { Icon: typeof IconInfoCircle; colour: string }> = {
  error: { Icon: IconXboxX, colour: 'text-danger' },
  warning: { Icon: IconAlertTriangle, colour: 'text-warn' },
  info: { Icon: IconInfoCircle, colour: 'text-ink-2' },
};

/** What the file said of itself, and how much came of it. */
function Summary({ report }: { report: Import }) {
  const { t, i18n } = useTranslation('import');
  const number = new Intl.NumberFormat(i18n.language);
  const counts = Object.entries(report.counts) as [keyof Import['counts'], number][];
  return (
    <Card>
      {report.format && (
        <p className="mb-4 text-ink-2">
          {t('format', { version: report.format.version, encoding: report.format.encoding })}
          {report.format.gedzip && <> · GEDZIP</>}
          {report.format.product && <> · <bdi>{report.format.product}</bdi></>}
          {' · '}{fileSize(report.bytes, i18n.language)} · {t('lines', { count: report.lines, number: number.format(report.lines) })}
        </p>
      )}
      <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4">
        {counts.filter(([, count]) => count > 0).map(([key, count]) => (
          <div key={key} className="flex flex-col-reverse">
            <dt className="text-sm text-ink-2">{t(`count.${key}`)}</dt>
            <dd className="tabular font-serif text-xl font-semibold">{number.format(count)}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

function Kept({ report }: { report: Import }) {
  const { t } = useTranslation('import');
  if (report.lossless === null || report.state !== 'done') return null;
  const { Icon, colour } = report.lossless ? { Icon: IconCircleCheck, colour: 'text-ok' } : icons.warning;
  return (
    <p className="flex items-start gap-3 rounded-card border border-line bg-card p-4">
      <Icon aria-hidden className={`size-6 shrink-0 ${colour}`} />
      <span>{t(report.lossless ? 'lossless' : 'not_lossless')}</span>
    </p>
  );
}

function RecordLink({ message, tree }: { message: ImportMessage; tree: string }) {
  const { t } = useTranslation('import');
  const { record } = message;
  if (!record) return null;
  const params = { tree, id: record.id };
  const name = <bdi>{record.name || t('record')}</bdi>;
  if (record.type === 'person') return <Link to="/t/$tree/people/$id/{-$tab}" params={params} className="prose-link">{name}</Link>;
  if (record.type === 'family') return <Link to="/t/$tree/families/$id" params={params} className="prose-link">{name}</Link>;
  if (record.type === 'source') return <Link to="/t/$tree/sources/$id" params={params} className="prose-link">{name}</Link>;
  if (record.type === 'media') return <Link to="/t/$tree/media/$id" params={params} className="prose-link">{name}</Link>;
  return <span className="text-ink-2">{name}</span>;
}

/** Dates that nothing is sorted or found by are worth a look, though nothing of them is lost. */
const DATES: ReadonlySet<string> = new Set(['date_invalid', 'date_ambiguous']);
const isToLookAt = ({ severity, code }: { severity: Severity; code: string }) => severity !== 'info' || DATES.has(code);

/** The form of the record in which the line stands. */
function FixLink({ message, tree }: { message: ImportMessage; tree: string }) {
  const { t } = useTranslation('import');
  const { record } = message;
  if (record?.type !== 'person' && record?.type !== 'family') return null;
  const shared = { params: { tree, id: record.id }, hash: 'edit', className: buttonClass('plain', 'min-h-9 px-3 py-1'), 'aria-label': t('fix_in', { name: record.name || t('record') }) };
  return record.type === 'person'
    ? <Link to="/t/$tree/people/$id/{-$tab}" {...shared}>{t('fix')}</Link>
    : <Link to="/t/$tree/families/$id" {...shared}>{t('fix')}</Link>;
}

function Messages({ tree, id, code }: { tree: string; id: string; code: string }) {
  const { t, i18n } = useTranslation('import');
  const query = useInfiniteQuery(importMessagesPages(tree, id, code));
  const number = new Intl.NumberFormat(i18n.language);
  return (
    <LoadedPages query={query} empty={null}>
      {(items) => (
        <ul className="divide-y divide-line">
          {items.map((message, index) => (
            <li key={index} className="grid gap-x-4 gap-y-1 py-3 sm:grid-cols-[7rem_1fr_auto]">
              <span className="tabular text-sm text-ink-2">{message.line > 0 ? t('line', { line: number.format(message.line) }) : t('whole_file')}</span>
              <div className="min-w-0">
                <p className="first-letter:uppercase">{message.text} <RecordLink message={message} tree={tree} /></p>
                {message.excerpt && <code dir="auto" className="mt-1 block rounded-input bg-sunken px-2 py-1 text-sm break-words whitespace-pre-wrap">{message.excerpt}</code>}
              </div>
              {isToLookAt(message) && <span className="no-print"><FixLink message={message} tree={tree} /></span>}
            </li>
          ))}
        </ul>
      )}
    </LoadedPages>
  );
}

/** "It is right", for all messages of the kind; or, said before, to be looked at again. */
function Judge({ group, tree, id }: { group: ImportGroup; tree: string; id: string }) {
  const { t, i18n } = useTranslation('import');
  const client = useQueryClient();
  const judge = useMutation({
    mutationFn: (right: boolean) => judgeImportGroup(id, group.code, right),
    onSuccess: (report) => client.setQueryData(importQuery(tree, id).queryKey, report),
  });
  const when = group.right && new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(group.right.time));
  return (
    <div className="no-print flex flex-wrap items-center gap-3 px-4 pb-4">
      {when && <p className="text-sm text-ink-2">{t('judged', { time: when })}</p>}
      <Button disabled={judge.isPending} onClick={() => judge.mutate(group.right === null)}>{group.right ? t('not_right') : t('right')}</Button>
      {judge.error && <Failed error={judge.error} />}
    </div>
  );
}

function Group({ group, tree, id }: { group: ImportGroup; tree: string; id: string }) {
  const { t, i18n } = useTranslation('import');
  const [open, setOpen] = useState(false);
  const { Icon, colour } = icons[group.severity];
  return (
    <details className="group border-b border-line last:border-b-0" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="grid min-h-14 grid-cols-[auto_1fr_auto_auto] items-center gap-3 px-4 py-3 hover:bg-sunken">
        <Icon role="img" aria-label={t(`severity.${group.severity}`)} className={`size-6 ${colour}`} />
        <span className="min-w-0">
          <span className="block font-semibold first-letter:uppercase">{group.title}</span>
          <span className="block text-sm text-ink-2">{group.remedy}</span>
        </span>
        <span className="tabular rounded-full bg-sunken px-3 text-sm">{new Intl.NumberFormat(i18n.language).format(group.count)}</span>
        <IconChevronDown aria-hidden className="size-5 text-ink-2 transition-transform group-open:rotate-180" />
      </summary>
      {open && <div className="px-4 pb-4"><Messages tree={tree} id={id} code={group.code} /></div>}
      {open && <Judge group={group} tree={tree} id={id} />}
    </details>
  );
}

const total = (groups: ImportGroup[]) => groups.reduce((sum, { count }) => sum + count, 0);

function Groups({ title, groups, tree, id }: { title: string; groups: ImportGroup[]; tree: string; id: string }) {
  const { i18n } = useTranslation('import');
  if (groups.length === 0) return null;
  return (
    <section>
      <h2 className="mb-2 text-lg font-semibold">{title} <span className="tabular font-normal text-ink-2">{new Intl.NumberFormat(i18n.language).format(total(groups))}</span></h2>
      <div className="rounded-card border border-line bg-card">{groups.map((group) => <Group key={group.code} group={group} tree={tree} id={id} />)}</div>
    </section>
  );
}

/** What the dates and relations that came in cannot all say at once; fixed, or said to be right, on the page for it. */
function Contradictions({ tree }: { tree: string }) {
  const { t, i18n } = useTranslation('import');
  const { data } = useInfiniteQuery(checksPages(tree, undefined, false));
  const open = data?.pages[0]?.groups.filter((group) => group.open > 0) ?? [];
  if (open.length === 0) return null;
  const number = new Intl.NumberFormat(i18n.language);
  const count = open.reduce((sum, group) => sum + group.open, 0);
  return (
    <Link to="/t/$tree/checks" params={{ tree }} className="flex min-h-14 items-center gap-3 rounded-card border border-line bg-card px-4 py-3 hover:bg-sunken">
      <IconAlertTriangle aria-hidden className="size-6 shrink-0 text-warn" />
      <span className="min-w-0 flex-1">
        <span className="block font-semibold">{t('contradictions')}</span>
        <span className="block text-sm text-ink-2">{t('contradictions_hint')}</span>
      </span>
      <span className="tabular rounded-full bg-sunken px-3 text-sm">{number.format(count)}</span>
    </Link>
  );
}

/** All messages as a table. */
function CsvButton({ report }: { report: Import }) {
  const { t } = useTranslation('import');
  const save = useMutation({
    mutationFn: () => importMessagesCsv(report.id),
    onSuccess: (file) => {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(file);
      link.download = `${report.fileName}.csv`;
      link.click();
      URL.revokeObjectURL(link.href);
    },
  });
  return (
    <div className="no-print">
      <Button disabled={save.isPending} icon={<IconDownload aria-hidden className="size-5" />} onClick={() => save.mutate()}>{t('csv')}</Button>
      {save.error && <div className="mt-3"><Failed error={save.error} /></div>}
    </div>
  );
}

/** The findings: to be looked at, worth knowing, and those that somebody has said to be right. */
function Findings({ report, tree }: { report: Import; tree: string }) {
  const { t } = useTranslation('import');
  const open = report.groups.filter(({ right }) => right === null);
  const right = report.groups.filter((group) => group.right !== null);
  const { id } = report;
  return (
    <>
      <Groups title={t('look')} groups={open.filter(isToLookAt)} tree={tree} id={id} />
      {report.state === 'done' && <Contradictions tree={tree} />}
      <Groups title={t('noted')} groups={open.filter((group) => !isToLookAt(group))} tree={tree} id={id} />
      <Groups title={t('right_ones')} groups={right} tree={tree} id={id} />
      {report.groups.length > 0 && <CsvButton report={report} />}
      {report.state === 'done' && report.groups.length === 0 && <p>{t('no_messages')}</p>}
    </>
  );
}

function Undo({ report }: { report: Import }) {
  const { t } = useTranslation('import');
  const [asking, setAsking] = useState(false);
  const undo = useMutation({ mutationFn: () => undoImport(report.id), onSuccess: () => setAsking(false) });
  const job = useJob(undo.data?.id ?? null);
  return (
    <>
      <Button kind="danger" onClick={() => setAsking(true)} disabled={undo.isPending || (undo.data && !isFinal(job.data))}>{t('undo')}</Button>
      <Dialog open={asking} title={t('undo_title')} closeLabel={t('undo_not')} onClose={() => setAsking(false)}>
        <p>{t('undo_text', { name: report.fileName, count: report.counts.persons })}</p>
        {undo.error && <div className="mt-4"><Failed error={undo.error} /></div>}
        <div className="mt-5 flex flex-wrap gap-2">
          <Button kind="danger" onClick={() => undo.mutate()} disabled={undo.isPending}>{t('undo')}</Button>
          <Button onClick={() => setAsking(false)}>{t('undo_not')}</Button>
        </div>
      </Dialog>
      {job.data && <div className="w-full"><JobProgress job={job.data} /></div>}
    </>
  );
}

export function ReportPage() {
  const { t } = useTranslation('import');
  const { tree, id } = route.useParams();
  const query = useQuery({ ...importQuery(tree, id), refetchInterval: ({ state }) => (state.data?.state === 'running' ? POLL_MS : false) });
  const running = query.data?.state === 'running';
  const finished = query.data !== undefined && !running;
  const job = useJob(running ? query.data!.jobId : null);
  const client = useQueryClient();
  // The report may know the end before the job's own news come: what was asked of the tree until then is out of date.
  useEffect(() => {
    if (finished) void client.invalidateQueries({ queryKey: ['tree', tree] });
  }, [finished, tree, client]);
  const title = query.data ? t('report_of', { name: query.data.fileName }) : t('report');
  return (
    <Page
      title={title}
      heading={<bdi>{title}</bdi>}
      lead={query.data && t(`state.${query.data.state}`)}
      actions={query.data?.state === 'done' && (
        <>
          <Link to="/t/$tree" params={{ tree }} className={buttonClass('primary')}>{t('keep')}</Link>
          <Undo report={query.data} />
        </>
      )}
    >
      <Loaded query={query}>
        {(report) => (
          <div className="space-y-6">
            {running && job.data && <JobProgress job={job.data} />}
            {report.problem && <Failed error={new ApiError(report.problem)} />}
            {report.state !== 'running' && <Summary report={report} />}
            <Kept report={report} />
            <Findings report={report} tree={tree} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}

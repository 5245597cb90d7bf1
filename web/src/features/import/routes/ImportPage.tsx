import { IconUpload } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { startImport } from '../../../api/commands.ts';
import { importsQuery, treeQuery } from '../../../api/queries.ts';
import type { Import } from '../../../api/types.ts';
import { cx } from '../../../lib/class.ts';
import { buttonClass } from '../../../ui/Button.tsx';
import { Card, Page } from '../../../ui/Page.tsx';
import { Failed, Loaded } from '../../archive/index.ts';
import { fileSize } from '../model.ts';
import { JobProgress } from '../components/JobProgress.tsx';
import { useJob } from '../useJob.ts';

const route = getRouteApi('/t/$tree/import');

function FileDrop({ busy, onFile }: { busy: boolean; onFile(file: File): void }) {
  const { t } = useTranslation('import');
  const [over, setOver] = useState(false);
  return (
    <div
      className={cx('rounded-card border-2 border-dashed p-8 text-center', over ? 'border-accent bg-accent-soft' : 'border-line-strong bg-card')}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer.files[0];
        if (file && !busy) onFile(file);
      }}
    >
      <p className="mb-4 font-serif text-lg">{t('drop')}</p>
      <label className={buttonClass('primary', 'has-focus-visible:outline-3 has-focus-visible:outline-offset-2 has-focus-visible:outline-focus')}>
        <IconUpload aria-hidden className="size-5" />
        {t('choose')}
        <input
          type="file"
          accept=".ged,.gdz,.zip"
          className="sr-only"
          disabled={busy}
          onChange={(event) => {
            const file = event.target.files?.[0];
            event.target.value = '';
            if (file) onFile(file);
          }}
        />
      </label>
      <p className="mt-4 text-sm text-ink-2">{t('kinds')}</p>
    </div>
  );
}

function Earlier({ imports, tree }: { imports: Import[]; tree: string }) {
  const { t, i18n } = useTranslation('import');
  if (imports.length === 0) return null;
  const when = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' });
  return (
    <Card title={t('earlier')}>
      <ul className="divide-y divide-line">
        {imports.map((item) => (
          <li key={item.id} className="flex flex-wrap items-baseline justify-between gap-x-4 py-3">
            <Link to="/t/$tree/import/$id" params={{ tree, id: item.id }} className="prose-link font-semibold"><bdi>{item.fileName}</bdi></Link>
            <span className="text-sm text-ink-2">
              {fileSize(item.bytes, i18n.language)} · {when.format(new Date(item.createdAt))} · {t(`state.${item.state}`)}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

export function ImportPage() {
  const { t } = useTranslation('import');
  const { tree } = route.useParams();
  const navigate = useNavigate();
  const imports = useQuery(importsQuery(tree));
  const here = useQuery(treeQuery(tree));
  const filled = (here.data?.persons ?? 0) > 0;
  const start = useMutation({ mutationFn: (file: File) => startImport(filled ? null : tree, file) });
  const job = useJob(start.data?.id ?? null);
  // A file that makes a tree of its own names it when it is there.
  const into = filled ? job.data?.treeId : tree;
  const importId = into && (job.data?.result?.importId ?? start.data?.result?.importId);
  useEffect(() => {
    if (into && importId) void navigate({ to: '/t/$tree/import/$id', params: { tree: into, id: importId } });
  }, [importId, navigate, into]);
  return (
    <Page title={t('title')} lead={t('lead')}>
      <div className="space-y-6">
        {filled && <p>{t('own_tree', { name: here.data?.name })}</p>}
        <FileDrop busy={start.isPending || here.isPending} onFile={(file) => start.mutate(file)} />
        {start.isPending && <p role="status">{t('sending', { name: start.variables.name })}</p>}
        {start.error && <Failed error={start.error} />}
        {job.data && <JobProgress job={job.data} />}
        <Loaded query={imports} lines={3}>{({ items }) => <Earlier imports={items} tree={tree} />}</Loaded>
      </div>
    </Page>
  );
}

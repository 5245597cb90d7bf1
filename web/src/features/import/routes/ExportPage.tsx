import { IconDownload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { startExport } from '../../../api/commands.ts';
import type { NewExport } from '../../../api/types.ts';
import { Button, buttonClass } from '../../../ui/Button.tsx';
import { CheckField, SelectField } from '../../../ui/fields.tsx';
import { Card, Page } from '../../../ui/Page.tsx';
import { Failed, isFinal, JobProgress, useJob } from '../../archive/index.ts';
import { fileSize } from '../model.ts';

const route = getRouteApi('/t/$tree/export');
const VERSIONS = ['original', '7.0', '5.5.1'] as const satisfies readonly NewExport['version'][];

export function ExportPage() {
  const { t, i18n } = useTranslation('import');
  const { tree } = route.useParams();
  const [wanted, setWanted] = useState<NewExport>({ version: 'original', media: false, audience: 'full' });
  const start = useMutation({ mutationFn: () => startExport(tree, wanted) });
  const job = useJob(start.data?.id ?? null);
  const file = job.data?.result?.export;
  return (
    <Page title={t('export.title')} lead={t('export.lead')}>
      <div className="space-y-6">
        <Card>
          <form
            className="max-w-xl space-y-4"
            onSubmit={(event) => {
              event.preventDefault();
              start.mutate();
            }}
          >
            <SelectField label={t('export.version')} hint={t(`export.version_hint.${wanted.version}`)} value={wanted.version}
              onChange={(event) => setWanted({ ...wanted, version: VERSIONS.find((version) => version === event.target.value)! })}>
              {VERSIONS.map((version) => <option key={version} value={version}>{t(`export.versions.${version}`)}</option>)}
            </SelectField>
            <CheckField label={t('export.media')} hint={t('export.media_hint')} checked={wanted.media}
              onChange={(event) => setWanted({ ...wanted, media: event.target.checked })} />
            <CheckField label={t('export.redacted')} hint={t('export.redacted_hint')} checked={wanted.audience === 'redacted'}
              onChange={(event) => setWanted({ ...wanted, audience: event.target.checked ? 'redacted' : 'full' })} />
            <Button type="submit" kind="primary" disabled={start.isPending || (start.data && !isFinal(job.data))}>{t('export.start')}</Button>
          </form>
        </Card>
        {start.error && <Failed error={start.error} />}
        {job.data && <JobProgress job={job.data} />}
        {file && (
          <p role="status">
            <a href={file.url} download={file.fileName} className={buttonClass('primary')}>
              <IconDownload aria-hidden className="size-5" />{t('export.download', { name: file.fileName, size: fileSize(file.bytes, i18n.language) })}
            </a>
          </p>
        )}
      </div>
    </Page>
  );
}

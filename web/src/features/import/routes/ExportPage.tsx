import { IconDownload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { startExport } from '../../../api/commands.ts';
import type { NewExport } from '../../../api/types.ts';
import { Button, buttonClass } from '../../../ui/Button.tsx';
import { CheckField, Choice } from '../../../ui/fields.tsx';
import { Card, Page } from '../../../ui/Page.tsx';
import { Failed } from '../../archive/index.ts';
import { fileSize } from '../model.ts';
import { JobProgress } from '../components/JobProgress.tsx';
import { isFinal, useJob } from '../useJob.ts';

const VERSIONS = ['original', '5.5.1', '7.0'] as const;

const route = getRouteApi('/t/$tree/export');

export function ExportPage() {
  const { t, i18n } = useTranslation('import');
  const { tree } = route.useParams();
  const [version, setVersion] = useState<NewExport['version']>('original');
  const [media, setMedia] = useState(false);
  const [redacted, setRedacted] = useState(false);
  const start = useMutation({ mutationFn: () => startExport(tree, { version, media, audience: redacted ? 'redacted' : 'full' }) });
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
            <Choice legend={t('export.version')} name="version" value={version} onChange={(value) => setVersion(value)}
              options={VERSIONS.map((value) => ({ value, label: t(`export.versions.${value}`) }))} />
            <p className="text-ink-2">{version === 'original' ? t('export.original') : t('export.converted')}</p>
            <CheckField label={t('export.redact')} hint={t('export.redact_hint')} checked={redacted}
              onChange={(event) => setRedacted(event.target.checked)} />
            <CheckField label={t('export.media')} hint={t('export.media_hint')} checked={media}
              onChange={(event) => setMedia(event.target.checked)} />
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

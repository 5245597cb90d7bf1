import { useTranslation } from 'react-i18next';
import { ApiError } from '../../../api/client.ts';
import { cancelJob } from '../../../api/commands.ts';
import type { Job } from '../../../api/types.ts';
import { Button } from '../../../ui/Button.tsx';
import { Failed } from '../../archive/index.ts';
import { isFinal } from '../useJob.ts';

function amount(job: Job, language: string): string {
  const percent = job.total > 0 ? job.done / job.total : 0;
  return new Intl.NumberFormat(language, { style: 'percent' }).format(percent);
}

/** Progress of a job with a way to stop it; its problem when it failed. */
export function JobProgress({ job }: { job: Job }) {
  const { t, i18n } = useTranslation('common');
  if (job.problem) return <Failed error={new ApiError(job.problem)} />;
  if (isFinal(job)) return null;
  const phase = job.phase ? t(`phase.${job.phase}` as 'phase.read', { defaultValue: job.phase }) : t('phase.waiting');
  return (
    <div className="rounded-card border border-line bg-card p-5">
      <div className="mb-2 flex items-baseline justify-between gap-4">
        <p className="font-semibold" role="status">{phase}</p>
        <p className="tabular text-sm text-ink-2">{job.total > 0 && amount(job, i18n.language)}</p>
      </div>
      <progress className="h-3 w-full accent-accent" aria-label={phase} max={job.total || undefined} value={job.total ? job.done : undefined} />
      <Button className="mt-3" onClick={() => void cancelJob(job.id)}>{t('job.stop')}</Button>
    </div>
  );
}

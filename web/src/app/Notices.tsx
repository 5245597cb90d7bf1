import { IconCloudOff, IconRefresh } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { connection, onConnection } from '../api/connection.ts';
import { newVersion, onNewVersion, changeToNewest } from '../lib/copies.ts';
import { Button } from '../ui/Button.tsx';

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

/** What holds for the whole window, above the page. */
export function Notices() {
  return <><Away /><Newer /></>;
}

import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../../api/client.ts';
import { modelCategoriesQuery } from '../../../api/queries.ts';
import { cx } from '../../../lib/class.ts';
import { Page } from '../../../ui/Page.tsx';
import { Empty } from '../../../ui/states.tsx';
import { Chooser } from '../components/Chooser.tsx';
import { LiveView } from '../components/LiveView.tsx';
import { Registry } from '../components/Registry.tsx';
import { Statistics } from '../components/Statistics.tsx';
import { PARTS } from '../model.ts';

const route = getRouteApi('/models/{-$part}');

const tabClass = (on: boolean) =>
  cx('inline-flex min-h-11 items-center border-b-3 px-3 font-semibold', on ? 'border-accent text-ink' : 'border-transparent text-ink-2 hover:border-line-strong');

/** The models on this machine: which there are, which would do a task and why, how well they did, and what they do now. */
export function ModelsPage() {
  const { t } = useTranslation('models');
  const { part: wanted } = route.useParams();
  const search = route.useSearch();
  const part = PARTS.find((name) => name === wanted);
  const { error } = useQuery(modelCategoriesQuery());
  const absent = error instanceof ApiError && error.problem.status === 404;
  return (
    <Page title={t('title')} lead={t('lead')}>
      {absent ? <Empty title={t('absent')}>{t('absent_hint')}</Empty> : (
        <>
          <nav aria-label={t('parts')} className="no-print mb-6 flex flex-wrap gap-1 border-b border-line">
            {[undefined, ...PARTS].map((name) => (
              <Link key={name ?? ''} to="/models/{-$part}" params={{ part: name }} className={tabClass(name === part)}
                aria-current={name === part ? 'page' : undefined} resetScroll={false}>
                {t(`part.${name ?? 'registry'}`)}
              </Link>
            ))}
          </nav>
          {part === undefined && <Registry />}
          {part === 'choose' && <Chooser search={search} />}
          {part === 'statistics' && <Statistics search={search} />}
          {part === 'live' && <LiveView />}
        </>
      )}
    </Page>
  );
}

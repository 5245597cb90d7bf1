import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Navigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { treeQuery } from '../../../api/queries.ts';
import { recentPeople } from '../../../lib/recent.ts';
import { Page } from '../../../ui/Page.tsx';
import { Empty } from '../../../ui/states.tsx';
import { Loaded } from '../../archive/index.ts';

const route = getRouteApi('/t/$tree/charts');

/** Charts begin with the person looked at last, else with the home person. */
export function ChartsPage() {
  const { t } = useTranslation('charts');
  const { tree } = route.useParams();
  const query = useQuery(treeQuery(tree));
  const person = recentPeople(tree)[0] ?? query.data?.homePersonId;
  if (query.data && person) return <Navigate to="/t/$tree/charts/$kind/$person" params={{ tree, kind: 'hourglass', person }} replace />;
  return (
    <Page title={t('title')}>
      <Loaded query={query}>{() => <Empty title={t('empty')}>{t('empty_hint')}</Empty>}</Loaded>
    </Page>
  );
}

import { useQueries, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { familyOfQuery, importsQuery, personQuery, statisticsQuery, treeQuery } from '../../../api/queries.ts';
import type { Import, PersonBrief, PersonFamily, Tree, TreeStatistics } from '../../../api/types.ts';
import { showYear } from '../../../lib/dates.ts';
import { recentPeople } from '../../../lib/recent.ts';
import { changeSettings } from '../../../lib/settings.ts';
import { buttonClass } from '../../../ui/Button.tsx';
import { Card, Page } from '../../../ui/Page.tsx';
import { Empty, Skeleton } from '../../../ui/states.tsx';
import { Loaded, PersonRow } from '../../archive/index.ts';
import { DecadeBars } from '../components/DecadeBars.tsx';

const route = getRouteApi('/t/$tree/');

function Group({ title, people }: { title: string; people: PersonBrief[] }) {
  if (people.length === 0) return null;
  return (
    <div>
      <h3 className="text-sm font-semibold text-ink-2">{title}</h3>
      <ul>{people.map((item) => <li key={item.id}><PersonRow person={item} /></li>)}</ul>
    </div>
  );
}

/** The home person between parents and children. */
function HomeFamily({ tree, person, family }: { tree: string; person: PersonBrief; family: PersonFamily | undefined }) {
  const { t } = useTranslation('home');
  return (
    <Card
      title={t('family')}
      action={<Link to="/t/$tree/charts/$kind/$person" params={{ tree, kind: 'hourglass', person: person.id }} className="prose-link">{t('open_chart')}</Link>}
    >
      <div className="space-y-3">
        <Group title={t('parents')} people={family?.parentFamilies[0]?.partners ?? []} />
        <div className="rounded-card bg-accent-soft px-3 py-2"><PersonRow person={person} /></div>
        <Group title={t('partners')} people={family?.unions.flatMap((union) => union.partner ?? []) ?? []} />
        <Group title={t('children')} people={family?.unions.flatMap((union) => union.children.map((child) => child.person)) ?? []} />
      </div>
    </Card>
  );
}

function Recent({ people }: { people: PersonBrief[] }) {
  const { t } = useTranslation('home');
  if (people.length === 0) return null;
  return (
    <Card title={t('recent')}>
      <ul>{people.map((person) => <li key={person.id}><PersonRow person={person} /></li>)}</ul>
    </Card>
  );
}

function Counts({ statistics, tree }: { statistics: TreeStatistics; tree: string }) {
  const { t, i18n } = useTranslation('home');
  const number = new Intl.NumberFormat(i18n.language);
  const years = statistics.earliestYear !== null && statistics.latestYear !== null
    ? `${showYear(i18n.language, statistics.earliestYear)}–${showYear(i18n.language, statistics.latestYear)}`
    : null;
  const counts = [
    { key: 'people', value: number.format(statistics.persons), to: '/t/$tree/people' as const },
    { key: 'generations', value: number.format(statistics.generations), to: null },
    { key: 'places', value: number.format(statistics.places), to: '/t/$tree/places' as const },
    { key: 'sources', value: number.format(statistics.sources), to: '/t/$tree/sources' as const },
    { key: 'media', value: number.format(statistics.media), to: '/t/$tree/media' as const },
    { key: 'years', value: years, to: null },
  ] as const;
  return (
    <dl className="mb-6 grid grid-cols-2 gap-px overflow-hidden rounded-card border border-line bg-line sm:grid-cols-3 lg:grid-cols-6">
      {counts.map(({ key, value, to }) => value !== null && (
        <div key={key} className="flex flex-col-reverse bg-card p-4">
          <dt className="text-sm text-ink-2">{t(`count.${key}`)}</dt>
          <dd className="tabular font-serif text-xl font-semibold">
            {to ? <Link to={to} params={{ tree }} className="hover:underline">{value}</Link> : value}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Surnames({ statistics, tree }: { statistics: TreeStatistics; tree: string }) {
  const { t, i18n } = useTranslation('home');
  const number = new Intl.NumberFormat(i18n.language);
  if (statistics.surnames.length === 0) return null;
  return (
    <Card title={t('surnames')}>
      <ul className="flex flex-wrap gap-x-5 gap-y-2">
        {statistics.surnames.slice(0, 12).map(({ name, count }) => (
          <li key={name}>
            <Link to="/t/$tree/people" params={{ tree }} search={{ surname: name }} className="prose-link"><bdi>{name}</bdi></Link>{' '}
            <span className="text-sm text-ink-2">{number.format(count)}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function LastImport({ tree, last }: { tree: string; last: Import }) {
  const { t } = useTranslation('home');
  const open = last.groups.filter((group) => group.severity !== 'info').reduce((sum, group) => sum + group.count, 0);
  return (
    <Card title={t('last_import')}>
      <p><bdi className="font-semibold">{last.fileName}</bdi></p>
      <p className="mb-2 text-ink-2">{open > 0 ? t('import_open', { count: open }) : t('import_clean')}</p>
      <Link to="/t/$tree/import/$id" params={{ tree, id: last.id }} className="prose-link">{t('import_report')}</Link>
    </Card>
  );
}

/**
 * All that the page shows, asked for at once. It is shown at once too: what came piece by piece would push down what somebody reads.
 * Only the numbers must be there; what fails besides them is left out.
 */
function useHome(tree: string, homePersonId: string | null) {
  const recent = useMemo(() => recentPeople(tree), [tree]);
  const statistics = useQuery(statisticsQuery(tree));
  const person = useQuery({ ...personQuery(tree, homePersonId ?? ''), enabled: homePersonId !== null });
  const family = useQuery({ ...familyOfQuery(tree, homePersonId ?? ''), enabled: homePersonId !== null });
  const imports = useQuery(importsQuery(tree));
  const visited = useQueries({ queries: recent.map((id) => personQuery(tree, id)) });
  return {
    statistics,
    waiting: [person, family, imports, ...visited].some((query) => query.isLoading),
    person: person.data?.brief,
    family: family.data,
    last: imports.data?.items[0],
    recent: visited.flatMap(({ data }) => data?.brief ?? []),
  };
}

function Contents({ tree }: { tree: Tree }) {
  const { t } = useTranslation(['home', 'common']);
  const { statistics, waiting, person, family, last, recent } = useHome(tree.id, tree.homePersonId);
  if (tree.persons === 0) {
    return (
      <Empty title={t('home:empty')} actions={<Link to="/t/$tree/import" params={{ tree: tree.id }} className={buttonClass('primary')}>{t('home:import_file')}</Link>}>
        {t('home:empty_hint')}
      </Empty>
    );
  }
  if (waiting) return <Skeleton label={t('common:loading')} />;
  return (
    <Loaded query={statistics}>
      {(data) => (
        <>
          <Counts statistics={data} tree={tree.id} />
          <div className="grid items-start gap-6 lg:grid-cols-2">
            {person && <HomeFamily tree={tree.id} person={person} family={family} />}
            <div className="space-y-6">
              {data.decades.length > 1 && <Card title={t('home:births')}><DecadeBars decades={data.decades} /></Card>}
              <Surnames statistics={data} tree={tree.id} />
              <Recent people={recent} />
              {last && <LastImport tree={tree.id} last={last} />}
            </div>
          </div>
        </>
      )}
    </Loaded>
  );
}

export function HomePage() {
  const { t } = useTranslation('home');
  const { tree } = route.useParams();
  const query = useQuery(treeQuery(tree));
  useEffect(() => changeSettings({ lastTree: tree }), [tree]);
  return (
    <Page title={query.data?.name ?? t('title')} heading={query.data && <bdi>{query.data.name}</bdi>} lead={query.data?.description}>
      <Loaded query={query}>{(data) => <Contents tree={data} />}</Loaded>
    </Page>
  );
}

import { useQueries, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { familyOfQuery, importsQuery, personQuery, statisticsQuery, treeQuery } from '../../../api/queries.ts';
import type { PersonBrief, Tree, TreeStatistics } from '../../../api/types.ts';
import { showYear } from '../../../lib/dates.ts';
import { recentPeople } from '../../../lib/recent.ts';
import { changeSettings } from '../../../lib/settings.ts';
import { buttonClass } from '../../../ui/Button.tsx';
import { Card, Page } from '../../../ui/Page.tsx';
import { Empty } from '../../../ui/states.tsx';
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
function HomeFamily({ tree, personId }: { tree: string; personId: string }) {
  const { t } = useTranslation('home');
  const person = useQuery(personQuery(tree, personId));
  const family = useQuery(familyOfQuery(tree, personId));
  return (
    <Card
      title={t('family')}
      action={<Link to="/t/$tree/charts/$kind/$person" params={{ tree, kind: 'hourglass', person: personId }} className="prose-link">{t('open_chart')}</Link>}
    >
      <Loaded query={person} lines={4}>
        {({ brief }) => (
          <div className="space-y-3">
            <Group title={t('parents')} people={family.data?.parentFamilies[0]?.partners ?? []} />
            <div className="rounded-card bg-accent-soft px-3 py-2"><PersonRow person={brief} /></div>
            <Group title={t('partners')} people={family.data?.unions.flatMap((union) => union.partner ?? []) ?? []} />
            <Group title={t('children')} people={family.data?.unions.flatMap((union) => union.children.map((child) => child.person)) ?? []} />
          </div>
        )}
      </Loaded>
    </Card>
  );
}

function Recent({ tree }: { tree: string }) {
  const { t } = useTranslation('home');
  const ids = useMemo(() => recentPeople(tree), [tree]);
  const people = useQueries({ queries: ids.map((id) => personQuery(tree, id)) }).flatMap(({ data }) => data?.brief ?? []);
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

function LastImport({ tree }: { tree: string }) {
  const { t } = useTranslation('home');
  const { data } = useQuery(importsQuery(tree));
  const last = data?.items[0];
  if (!last) return null;
  const open = last.groups.filter((group) => group.severity !== 'info').reduce((sum, group) => sum + group.count, 0);
  return (
    <Card title={t('last_import')}>
      <p><bdi className="font-semibold">{last.fileName}</bdi></p>
      <p className="mb-2 text-ink-2">{open > 0 ? t('import_open', { count: open }) : t('import_clean')}</p>
      <Link to="/t/$tree/import/$id" params={{ tree, id: last.id }} className="prose-link">{t('import_report')}</Link>
    </Card>
  );
}

function Contents({ tree }: { tree: Tree }) {
  const { t } = useTranslation('home');
  const statistics = useQuery(statisticsQuery(tree.id));
  if (tree.persons === 0) {
    return (
      <Empty title={t('empty')} actions={<Link to="/t/$tree/import" params={{ tree: tree.id }} className={buttonClass('primary')}>{t('import_file')}</Link>}>
        {t('empty_hint')}
      </Empty>
    );
  }
  return (
    <Loaded query={statistics}>
      {(data) => (
        <>
          <Counts statistics={data} tree={tree.id} />
          <div className="grid items-start gap-6 lg:grid-cols-2">
            {tree.homePersonId && <HomeFamily tree={tree.id} personId={tree.homePersonId} />}
            <div className="space-y-6">
              {data.decades.length > 1 && <Card title={t('births')}><DecadeBars decades={data.decades} /></Card>}
              <Surnames statistics={data} tree={tree.id} />
              <Recent tree={tree.id} />
              <LastImport tree={tree.id} />
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

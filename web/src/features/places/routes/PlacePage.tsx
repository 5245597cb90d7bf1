import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { filters, placeEventsPages, placeQuery, placesPages, pointsQuery } from '../../../api/queries.ts';
import type { Place } from '../../../api/types.ts';
import { Card, Page } from '../../../ui/Page.tsx';
import { DateText, factName, Loaded, LoadedPages, PersonLink } from '../../archive/index.ts';
import { PlaceList } from '../components/PlaceList.tsx';
import { PlaceMap } from '../components/PlaceMap.tsx';

const route = getRouteApi('/t/$tree/places/$id');

function Events({ tree, id }: { tree: string; id: string }) {
  const { t } = useTranslation('places');
  const { t: common } = useTranslation('common');
  const query = useInfiniteQuery(placeEventsPages(tree, id));
  return (
    <LoadedPages query={query} empty={<p className="text-ink-2">{t('no_events')}</p>}>
      {(items) => (
        <ul className="divide-y divide-line">
          {items.map(({ fact, persons }) => (
            <li key={`${persons.map((person) => person.id).join()}${fact.id}`} className="grid gap-x-4 py-2 sm:grid-cols-[10rem_1fr]">
              <span className="text-ink-2">{fact.date && <DateText date={fact.date} />}</span>
              <span>
                {factName(fact, common)}
                {persons.map((person) => <span key={person.id}> · <PersonLink person={person} /></span>)}
                {fact.place && fact.place.id !== id && <span className="block text-sm text-ink-2"><bdi>{fact.place.text}</bdi></span>}
              </span>
            </li>
          ))}
        </ul>
      )}
    </LoadedPages>
  );
}

function Inside({ place, tree }: { place: Place; tree: string }) {
  const { t } = useTranslation('places');
  const query = useInfiniteQuery({ ...placesPages(tree, { sort: 'name', ...filters({ parent: `id:${place.id}` }) }), enabled: place.children > 0 });
  if (place.children === 0) return null;
  return (
    <section>
      <h2 className="mb-2 text-lg font-semibold">{t('inside')}</h2>
      <LoadedPages query={query} empty={null}>{(items) => <PlaceList items={items} treeId={tree} />}</LoadedPages>
    </section>
  );
}

function Where({ place, tree }: { place: Place; tree: string }) {
  const { t, i18n } = useTranslation('places');
  const navigate = useNavigate();
  const points = useQuery({ ...pointsQuery(tree), enabled: place.latitude !== null });
  if (place.latitude === null || place.longitude === null) return <p className="text-ink-2">{t('not_located')}</p>;
  const degrees = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 4 });
  return (
    <>
      <div className="h-96">
        <Loaded query={points}>
          {(data) => <PlaceMap points={data} chosen={place.id} onChoose={(id) => void navigate({ to: '/t/$tree/places/$id', params: { tree, id } })} />}
        </Loaded>
      </div>
      <p className="tabular text-sm text-ink-2">{degrees.format(place.latitude)}, {degrees.format(place.longitude)} · {t('outlines')}</p>
    </>
  );
}

export function PlacePage() {
  const { t } = useTranslation('places');
  const { tree, id } = route.useParams();
  const query = useQuery(placeQuery(tree, id));
  const title = query.data?.name ?? t('place');
  return (
    <Page
      title={title}
      heading={<bdi>{title}</bdi>}
      lead={query.data && query.data.parents.length > 0 && (
        <nav aria-label={t('parents')}>
          {query.data.parents.toReversed().map((parent, index) => (
            <span key={parent.id}>
              {index > 0 && ', '}
              <Link to="/t/$tree/places/$id" params={{ tree, id: parent.id }} className="prose-link"><bdi>{parent.name}</bdi></Link>
            </span>
          ))}
        </nav>
      )}
    >
      <Loaded query={query}>
        {(place) => (
          <div className="grid items-start gap-6 lg:grid-cols-2">
            <div className="space-y-6">
              <Card title={t('what')}><Events tree={tree} id={id} /></Card>
              <Inside place={place} tree={tree} />
            </div>
            <div className="space-y-2">
              <Where place={place} tree={tree} />
              {place.otherNames.length > 0 && (
                <p className="text-ink-2">{t('other_names')} {place.otherNames.map((name) => <bdi key={name.text} lang={name.lang ?? undefined} className="me-3">{name.text}</bdi>)}</p>
              )}
            </div>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

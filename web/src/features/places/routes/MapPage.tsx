import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { pointsQuery } from '../../../api/queries.ts';
import type { PlacePoints } from '../../../api/types.ts';
import { buttonClass } from '../../../ui/Button.tsx';
import { Page } from '../../../ui/Page.tsx';
import { Empty } from '../../../ui/states.tsx';
import { Loaded } from '../../archive/index.ts';
import { PlaceMap } from '../components/PlaceMap.tsx';

const route = getRouteApi('/t/$tree/map');
/** The list beside the map names the places with the most events; the page of places has them all. */
const LISTED_MAX = 100;

function Listed({ points, tree, chosen, onChoose }: { points: PlacePoints; tree: string; chosen: string | null; onChoose(id: string): void }) {
  const { t } = useTranslation('places');
  const order = useMemo(
    () => [...points.id.keys()].toSorted((a, b) => points.events[b]! - points.events[a]!).slice(0, LISTED_MAX),
    [points],
  );
  return (
    <div className="overflow-auto rounded-card border border-line bg-card" tabIndex={0} role="region" aria-label={t('listed')}>
      <ul className="divide-y divide-line">
        {order.map((index) => (
          <li key={points.id[index]} className="flex items-center justify-between gap-3 px-4 py-2">
            <span className="min-w-0">
              <Link to="/t/$tree/places/$id" params={{ tree, id: points.id[index]! }} className="prose-link"><bdi>{points.name[index]}</bdi></Link>
              <span className="block text-sm text-ink-2">{t('events', { count: points.events[index]! })}</span>
            </span>
            <button type="button" className={buttonClass('quiet')} aria-pressed={chosen === points.id[index]} onClick={() => onChoose(points.id[index]!)}
              aria-label={t('show_on_map', { name: points.name[index]! })}>
              {t('show')}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function MapPage() {
  const { t } = useTranslation('places');
  const { tree } = route.useParams();
  const query = useQuery(pointsQuery(tree));
  const [chosen, setChosen] = useState<string | null>(null);
  return (
    <Page title={t('map')} lead={t('outlines')} wide>
      <Loaded query={query}>
        {(points) => points.id.length === 0
          ? <Empty title={t('map_empty')}>{t('map_empty_hint')}</Empty>
          : (
            <div className="grid gap-4 lg:h-[calc(100dvh-14rem)] lg:min-h-112 lg:grid-cols-[1fr_20rem]">
              <div className="h-[60dvh] lg:h-full"><PlaceMap points={points} chosen={chosen} onChoose={setChosen} /></div>
              <Listed points={points} tree={tree} chosen={chosen} onChoose={setChosen} />
            </div>
          )}
      </Loaded>
    </Page>
  );
}

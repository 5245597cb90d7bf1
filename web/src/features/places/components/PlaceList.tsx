import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Place } from '../../../api/types.ts';

export function PlaceList({ items, treeId }: { items: Place[]; treeId: string }) {
  const { t } = useTranslation('places');
  return (
    <ul className="divide-y divide-line rounded-card border border-line bg-card">
      {items.map((place) => (
        <li key={place.id} className="flex flex-wrap items-baseline justify-between gap-x-4 px-4 py-3">
          <span className="min-w-0">
            <Link to="/t/$tree/places/$id" params={{ tree: treeId, id: place.id }} className="prose-link font-semibold"><bdi>{place.name}</bdi></Link>
            {place.parents.length > 0 && (
              <span className="block text-sm text-ink-2"><bdi>{place.parents.toReversed().map((parent) => parent.name).join(', ')}</bdi></span>
            )}
          </span>
          <span className="tabular text-sm text-ink-2">{t('events', { count: place.events })}</span>
        </li>
      ))}
    </ul>
  );
}

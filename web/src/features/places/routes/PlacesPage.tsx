import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { filters, placesPages } from '../../../api/queries.ts';
import { useDelayed } from '../../../lib/useDelayed.ts';
import { buttonClass } from '../../../ui/Button.tsx';
import { TextField } from '../../../ui/fields.tsx';
import { Page } from '../../../ui/Page.tsx';
import { Empty } from '../../../ui/states.tsx';
import { LoadedPages } from '../../archive/index.ts';
import { PlaceList } from '../components/PlaceList.tsx';

const route = getRouteApi('/t/$tree/places');
const TYPING_PAUSE_MS = 250;

export function PlacesPage() {
  const { t } = useTranslation('places');
  const { tree } = route.useParams();
  const [name, setName] = useState('');
  const asked = useDelayed(name.trim(), TYPING_PAUSE_MS);
  const query = useInfiniteQuery(placesPages(tree, { sort: 'name', ...filters({ name: asked || undefined }) }));
  return (
    <Page title={t('title')} lead={t('lead')} actions={<Link to="/t/$tree/map" params={{ tree }} className={buttonClass('primary')}>{t('map')}</Link>}>
      <TextField label={t('filter')} type="search" value={name} onChange={(event) => setName(event.target.value)} className="mb-5 max-w-md" autoComplete="off" />
      <LoadedPages query={query} empty={<Empty title={t(asked ? 'none' : 'empty')}>{t('empty_hint')}</Empty>}>
        {(items) => <PlaceList items={items} treeId={tree} />}
      </LoadedPages>
    </Page>
  );
}

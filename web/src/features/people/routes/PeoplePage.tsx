import { IconAdjustmentsHorizontal, IconUserPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useLocation } from '@tanstack/react-router';
import { Suspense, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { treeQuery } from '../../../api/queries.ts';
import { type Shortcut, useShortcuts } from '../../../lib/keys.ts';
import { Button, buttonClass } from '../../../ui/Button.tsx';
import { SelectField, TextField } from '../../../ui/fields.tsx';
import { Page } from '../../../ui/Page.tsx';
import { NewPerson } from '../../editing/index.ts';
import { PeopleTable } from '../components/PeopleTable.tsx';
import { isFiltered, peopleQuery, type PeopleSearch, SORTS } from '../model/filter.ts';

/** Narrower windows show the list first; what it is filtered by is a tap away. */
const WIDE_PIXELS = 640;
const route = getRouteApi('/t/$tree/people');

function yearFrom(text: string): number | undefined {
  const year = Number.parseInt(text, 10);
  return Number.isNaN(year) ? undefined : year;
}

function Filters({ search, change }: { search: PeopleSearch; change(next: PeopleSearch): void }) {
  const { t } = useTranslation('people');
  const living = search.living === undefined ? '' : String(search.living);
  return (
    <details className="no-print mb-5" open={isFiltered(search) || window.innerWidth >= WIDE_PIXELS}>
      <summary className="inline-flex min-h-11 items-center gap-2 rounded-input border border-line-strong bg-card px-4 text-sm font-semibold sm:hidden">
        <IconAdjustmentsHorizontal aria-hidden className="size-5" />{t('filter.title')}
      </summary>
      <form
        className="mt-3 grid sm:mt-0 grid-cols-2 items-end gap-3 sm:grid-cols-3 lg:grid-cols-6"
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          const text = (name: string) => String(form.get(name) ?? '').trim();
          change({
            sort: SORTS.find((sort) => sort === text('sort')),
            surname: text('surname') || undefined,
            from: yearFrom(text('from')),
            to: yearFrom(text('to')),
            living: text('living') === '' ? undefined : text('living') === 'true',
          });
        }}
      >
        <TextField label={t('filter.surname')} name="surname" defaultValue={search.surname} className="col-span-2 sm:col-span-1" autoComplete="off" />
        <TextField label={t('filter.from')} name="from" inputMode="numeric" defaultValue={search.from} />
        <TextField label={t('filter.to')} name="to" inputMode="numeric" defaultValue={search.to} />
        <SelectField label={t('filter.living')} name="living" defaultValue={living}>
          <option value="">{t('filter.everybody')}</option>
          <option value="true">{t('filter.alive')}</option>
          <option value="false">{t('filter.dead')}</option>
        </SelectField>
        <SelectField label={t('filter.sort')} name="sort" defaultValue={search.sort ?? 'surname'}>
          {SORTS.map((sort) => <option key={sort} value={sort}>{t(`sort.${sort}`)}</option>)}
        </SelectField>
        <div className="col-span-2 flex gap-2 sm:col-span-1">
          <Button kind="primary" type="submit">{t('filter.apply')}</Button>
          {isFiltered(search) && <Button kind="quiet" onClick={() => change({})}>{t('filter.clear')}</Button>}
        </div>
      </form>
    </details>
  );
}

export function PeoplePage() {
  const { t, i18n } = useTranslation('people');
  const { tree } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data } = useQuery(treeQuery(tree));
  const query = useMemo(() => peopleQuery(search), [search]);
  const adding = useLocation({ select: ({ hash }) => hash === 'new' });
  useShortcuts(useMemo((): Shortcut[] => [{ keys: 'n', name: 'new_person', run: () => void navigate({ search: (now) => now, hash: 'new' }) }], [navigate]));
  const count = data && new Intl.NumberFormat(i18n.language).format(data.persons);
  return (
    <Page title={t('title')} lead={count && t('lead', { count: data.persons, number: count, tree: data.name })} wide
      actions={(
        <Link to="/t/$tree/people" params={{ tree }} search={search} hash="new" resetScroll={false} className={buttonClass()}>
          <IconUserPlus aria-hidden className="size-5" />{t('action.new')}
        </Link>
      )}
    >
      {adding && <Suspense><NewPerson treeId={tree} onClose={() => void navigate({ search: (now) => now, hash: '' })} /></Suspense>}
      <Filters key={JSON.stringify(search)} search={search} change={(next) => void navigate({ search: next })} />
      <PeopleTable key={JSON.stringify(query)} treeId={tree} query={query} filtered={isFiltered(search)} />
    </Page>
  );
}

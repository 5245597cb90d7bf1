import { IconBook, IconMapPin, IconNote, IconPhoto, IconUser } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { searchPages } from '../../../api/queries.ts';
import type { SearchAnswer, SearchHit } from '../../../api/types.ts';
import { cx } from '../../../lib/class.ts';
import { setTrail } from '../../../lib/trail.ts';
import { Button } from '../../../ui/Button.tsx';
import { TextField } from '../../../ui/fields.tsx';
import { Page } from '../../../ui/Page.tsx';
import { Empty } from '../../../ui/states.tsx';
import { Evidence, LoadedPages, PersonRow } from '../../archive/index.ts';
import { searchQuery, type SearchSearch, TYPES } from '../model.ts';

const route = getRouteApi('/t/$tree/search');
const icons = { person: IconUser, place: IconMapPin, source: IconBook, media: IconPhoto, note: IconNote };

function Highlights({ hit }: { hit: SearchHit }) {
  return hit.highlights.map(({ field, parts }) => (
    <p key={field} dir="auto" className="line-clamp-2 text-sm text-ink-2">
      {parts.map((part, index) => (part.match ? <mark key={index} className="rounded-input bg-mark px-0.5 text-ink">{part.text}</mark> : part.text))}
    </p>
  ));
}

function HitTitle({ hit }: { hit: SearchHit }) {
  const className = 'prose-link font-semibold';
  const params = { tree: hit.treeId, id: hit.id };
  const title = <bdi>{hit.title}</bdi>;
  if (hit.type === 'place') return <Link to="/t/$tree/places/$id" params={params} className={className}>{title}</Link>;
  if (hit.type === 'source') return <Link to="/t/$tree/sources/$id" params={params} className={className}>{title}</Link>;
  if (hit.type === 'media') return <Link to="/t/$tree/media/$id" params={params} className={className}>{title}</Link>;
  return <span className="font-semibold">{title}</span>;
}

function Hit({ hit }: { hit: SearchHit }) {
  const { t } = useTranslation('search');
  const Icon = icons[hit.type];
  return (
    <li className="border-b border-line px-4 py-3 last:border-b-0">
      {hit.person
        ? (
          <div className="flex items-center justify-between gap-4">
            <PersonRow person={hit.person} note={hit.subtitle} />
            <Evidence quality={hit.person.quality} />
          </div>
        )
        : (
          <div className="flex items-start gap-3">
            <span className="flex size-9 shrink-0 items-center justify-center rounded-full bg-sunken text-ink-2"><Icon aria-hidden className="size-5" /></span>
            <div className="min-w-0">
              <HitTitle hit={hit} /> <span className="text-sm text-ink-2">{t(`type.${hit.type}`)}</span>
              {hit.subtitle && <p dir="auto" className="text-sm text-ink-2">{hit.subtitle}</p>}
            </div>
          </div>
        )}
      <div className="ps-12">
        <Highlights hit={hit} />
        {hit.match !== 'exact' && hit.match !== 'folded' && <p className="text-sm text-ink-2">{t(`match.${hit.match}`)}</p>}
      </div>
    </li>
  );
}

const typeClass = (on: boolean) =>
  cx('inline-flex min-h-11 items-center gap-2 rounded-full border px-4 text-sm font-semibold', on ? 'border-accent bg-accent text-on-accent' : 'border-line-strong bg-card hover:bg-sunken');

function TypeBar({ search, answer, tree }: { search: SearchSearch; answer: SearchAnswer; tree: string }) {
  const { t } = useTranslation('search');
  const counts = new Map(answer.facets.types.map(({ type, count }) => [type, count]));
  return (
    <nav aria-label={t('types')} className="mb-4 flex flex-wrap gap-2">
      <Link to="/t/$tree/search" params={{ tree }} search={{ ...search, type: undefined }} className={typeClass(!search.type)}>{t('all')}</Link>
      {TYPES.filter((type) => (counts.get(type) ?? 0) > 0 || type === search.type).map((type) => (
        <Link key={type} to="/t/$tree/search" params={{ tree }} search={{ ...search, type }} className={typeClass(search.type === type)}>
          {t(`types_many.${type}`)} <span className="tabular font-normal">{counts.get(type) ?? 0}</span>
        </Link>
      ))}
    </nav>
  );
}

/** Other spellings that were looked for, each a search of its own. */
function Also({ answer, tree }: { answer: SearchAnswer; tree: string }) {
  const { t } = useTranslation('search');
  if (answer.also.length === 0) return null;
  return (
    <p className="mb-4 text-sm text-ink-2">
      {t('also')}{' '}
      {answer.also.map(({ text, match, count }, index) => (
        <span key={text}>
          {index > 0 && ' · '}
          <Link to="/t/$tree/search" params={{ tree }} search={{ q: text }} className="prose-link"><bdi>{text}</bdi></Link> {count} ({t(`match.${match}`)})
        </span>
      ))}
    </p>
  );
}

export function SearchPage() {
  const { t, i18n } = useTranslation('search');
  const { tree } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery({ ...searchPages(tree, searchQuery(search)), enabled: Boolean(search.q) });
  useEffect(() => {
    const people = query.data?.pages.flatMap((page) => page.items.filter((hit) => hit.person && !hit.person.hidden).map((hit) => hit.id));
    if (people) setTrail(people);
  }, [query.data]);
  const total = query.data?.pages[0]?.total;
  return (
    <Page
      title={search.q ? t('title_for', { q: search.q }) : t('title')}
      lead={search.q && total !== undefined && <span role="status">{t('found', { count: total, number: new Intl.NumberFormat(i18n.language).format(total) })}</span>}
    >
      <form
        key={JSON.stringify(search)}
        className="mb-6 grid grid-cols-2 items-end gap-3 sm:grid-cols-[1fr_8rem_8rem_auto]"
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          const number = (name: string) => Number.parseInt(String(form.get(name)), 10) || undefined;
          void navigate({ search: { ...search, q: String(form.get('q')).trim() || undefined, from: number('from'), to: number('to') } });
        }}
      >
        <TextField label={t('query')} name="q" type="search" defaultValue={search.q} className="col-span-2 sm:col-span-1" autoComplete="off" />
        <TextField label={t('born_from')} name="from" inputMode="numeric" defaultValue={search.from} />
        <TextField label={t('born_to')} name="to" inputMode="numeric" defaultValue={search.to} />
        <Button type="submit" kind="primary" className="col-span-2 sm:col-span-1">{t('go')}</Button>
      </form>
      {search.q
        ? (
          <LoadedPages query={query} empty={<Empty title={t('nothing', { q: search.q })}>{t('nothing_hint')}</Empty>}>
            {(items, first) => (
              <>
                <TypeBar search={search} answer={first} tree={tree} />
                <Also answer={first} tree={tree} />
                <ul className="rounded-card border border-line bg-card">{items.map((hit) => <Hit key={`${hit.type}/${hit.id}`} hit={hit} />)}</ul>
              </>
            )}
          </LoadedPages>
        )
        : <Empty title={t('start')}>{t('start_hint')}</Empty>}
    </Page>
  );
}

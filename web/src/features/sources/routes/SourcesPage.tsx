import { IconTable } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { filters, sourcesPages } from '../../../api/queries.ts';
import { useDelayed } from '../../../lib/useDelayed.ts';
import { buttonClass } from '../../../ui/Button.tsx';
import { TextField } from '../../../ui/fields.tsx';
import { Page } from '../../../ui/Page.tsx';
import { Empty } from '../../../ui/states.tsx';
import { LoadedPages } from '../../archive/index.ts';

const route = getRouteApi('/t/$tree/sources');
const TYPING_PAUSE_MS = 250;

export function SourcesPage() {
  const { t } = useTranslation(['sources', 'common']);
  const { tree } = route.useParams();
  const [title, setTitle] = useState('');
  const asked = useDelayed(title.trim(), TYPING_PAUSE_MS);
  const query = useInfiniteQuery(sourcesPages(tree, { sort: 'title', ...filters({ title: asked || undefined }) }));
  return (
    <Page
      title={t('sources:title')}
      lead={t('sources:lead')}
      actions={<Link to="/t/$tree/sheet/new" params={{ tree }} className={buttonClass()}><IconTable aria-hidden className="size-5" />{t('sources:sheet')}</Link>}
    >
      <TextField label={t('sources:filter')} type="search" value={title} onChange={(event) => setTitle(event.target.value)} className="mb-5 max-w-md" autoComplete="off" />
      <LoadedPages query={query} empty={<Empty title={t(asked ? 'sources:none' : 'sources:empty')}>{t('sources:empty_hint')}</Empty>}>
        {(items) => (
          <ul className="divide-y divide-line rounded-card border border-line bg-card">
            {items.map((source) => (
              <li key={source.id} className="px-4 py-3">
                <Link to="/t/$tree/sources/$id" params={{ tree, id: source.id }} className="prose-link font-semibold">
                  <bdi>{source.title || t('common:source.untitled')}</bdi>
                </Link>
                <p className="flex flex-wrap gap-x-3 text-sm text-ink-2">
                  {source.author && <bdi>{source.author}</bdi>}
                  {source.repositories[0] && <bdi>{source.repositories[0].name}</bdi>}
                  <span>{t('sources:used', { count: source.citations })}</span>
                </p>
              </li>
            ))}
          </ul>
        )}
      </LoadedPages>
    </Page>
  );
}

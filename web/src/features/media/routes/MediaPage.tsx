import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { filters, mediaPages } from '../../../api/queries.ts';
import { Choice } from '../../../ui/fields.tsx';
import { Page } from '../../../ui/Page.tsx';
import { Empty } from '../../../ui/states.tsx';
import { LoadedPages, MediaGrid } from '../../archive/index.ts';
import { MEDIA_KINDS } from '../model.ts';

const route = getRouteApi('/t/$tree/media');

export function MediaPage() {
  const { t } = useTranslation('media');
  const { tree } = route.useParams();
  const { kind } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(mediaPages(tree, { sort: 'title', ...filters({ kind }) }));
  return (
    <Page title={t('title')} lead={t('lead')} wide>
      <div className="mb-5">
        <Choice legend={t('kind')} compact name="kind" value={kind ?? 'all'}
          options={(['all', ...MEDIA_KINDS] as const).map((value) => ({ value, label: t(`kinds.${value}`) }))}
          onChange={(value) => void navigate({ search: { kind: value === 'all' ? undefined : value } })} />
      </div>
      <LoadedPages query={query} empty={<Empty title={t(kind ? 'none' : 'empty')}>{t('empty_hint')}</Empty>}>
        {(items) => <MediaGrid items={items} treeId={tree} />}
      </LoadedPages>
    </Page>
  );
}

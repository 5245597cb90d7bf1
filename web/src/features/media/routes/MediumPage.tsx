import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { mediumQuery } from '../../../api/queries.ts';
import type { Media } from '../../../api/types.ts';
import { buttonClass } from '../../../ui/Button.tsx';
import { Card, Page } from '../../../ui/Page.tsx';
import { Picture } from '../../../ui/Picture.tsx';
import { DateText, Loaded, NoteText, PersonRow, PlaceText } from '../../archive/index.ts';

const route = getRouteApi('/t/$tree/media/$id');

/** Pictures that browsers draw; others are offered as files. */
const DRAWN = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif']);

function Instead({ text }: { text: string }) {
  return <p className="rounded-card bg-sunken p-8 text-center text-ink-2">{text}</p>;
}

function View({ media, title }: { media: Media; title: string }) {
  const { t } = useTranslation('media');
  if (!media.contentUrl) return <Instead text={t('missing', { name: media.fileName })} />;
  const damaged = <Instead text={t('damaged', { name: media.fileName })} />;
  if (DRAWN.has(media.mime)) {
    return (
      <a href={media.contentUrl} className="block overflow-hidden rounded-card border border-line bg-sunken">
        <Picture
          src={media.contentUrl} alt={title} width={media.width ?? undefined} height={media.height ?? undefined} otherwise={damaged}
          className="mx-auto h-auto max-h-[80vh] w-auto max-w-full"
        />
      </a>
    );
  }
  if (media.thumbnailUrl) return <Picture src={media.thumbnailUrl} alt={title} otherwise={damaged} className="rounded-card border border-line" />;
  return <Instead text={t('as_file')} />;
}

export function MediumPage() {
  const { t } = useTranslation(['media', 'common']);
  const { tree, id } = route.useParams();
  const query = useQuery(mediumQuery(tree, id));
  const title = query.data ? query.data.title || t('common:media.untitled') : t('media:medium');
  return (
    <Page
      title={title}
      heading={<bdi>{title}</bdi>}
      actions={query.data?.contentUrl && (
        <a href={query.data.contentUrl} download className={buttonClass()}><IconDownload aria-hidden className="size-5" />{t('media:download')}</a>
      )}
    >
      <Loaded query={query}>
        {(media) => (
          <div className="grid items-start gap-6 lg:grid-cols-[2fr_1fr]">
            <View media={media} title={title} />
            <div className="space-y-6">
              <Card title={t('media:about')}>
                <div className="space-y-2">
                  <p className="text-ink-2">{t(`media:kinds.${media.kind}`)} · {media.mime}</p>
                  {media.date && <p><DateText date={media.date} /></p>}
                  {media.place && <p><PlaceText place={media.place} treeId={tree} /></p>}
                  <p className="text-sm break-all text-ink-2"><bdi>{media.fileName}</bdi></p>
                  {media.notes.map((note, index) => <NoteText key={note.id ?? index} note={note} />)}
                </div>
              </Card>
              {media.persons.length > 0 && (
                <Card title={t('media:people')}>
                  <ul>{media.persons.map((person) => <li key={person.id}><PersonRow person={person} /></li>)}</ul>
                </Card>
              )}
            </div>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

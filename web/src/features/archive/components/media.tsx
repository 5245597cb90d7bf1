import { IconFile, IconFileMusic, IconMovie } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { MediaRef } from '../../../api/types.ts';
import { Picture } from '../../../ui/Picture.tsx';

function Symbol({ mime }: { mime: string }) {
  if (mime.startsWith('audio/')) return <IconFileMusic aria-hidden className="size-10" />;
  if (mime.startsWith('video/')) return <IconMovie aria-hidden className="size-10" />;
  return <IconFile aria-hidden className="size-10" />;
}

export function MediaTile({ media, treeId }: { media: MediaRef; treeId: string }) {
  const { t } = useTranslation('common');
  const title = media.title || t('media.untitled');
  return (
    <Link
      to="/t/$tree/media/$id"
      params={{ tree: treeId, id: media.id }}
      className="group flex flex-col overflow-hidden rounded-card border border-line bg-card hover:border-line-strong"
    >
      <span className="flex aspect-4/3 items-center justify-center overflow-hidden bg-sunken text-ink-2">
        {media.thumbnailUrl
          ? <Picture src={media.thumbnailUrl} alt="" loading="lazy" otherwise={<Symbol mime={media.mime} />} className="size-full object-cover" />
          : <Symbol mime={media.mime} />}
      </span>
      <span dir="auto" className="line-clamp-2 p-3 text-sm font-semibold group-hover:underline">{title}</span>
    </Link>
  );
}

export function MediaGrid({ items, treeId }: { items: MediaRef[]; treeId: string }) {
  return (
    <ul className="grid grid-cols-2 gap-4 sm:grid-cols-3 lg:grid-cols-4 xl:grid-cols-5">
      {items.map((media) => <li key={media.id}><MediaTile media={media} treeId={treeId} /></li>)}
    </ul>
  );
}

import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { PersonBrief, Quality } from '../../../api/types.ts';
import { cx } from '../../../lib/class.ts';
import { showLife } from '../../../lib/dates.ts';
import { Picture } from '../../../ui/Picture.tsx';
import { nameOf } from '../texts.ts';

function firstLetter(text: string): string {
  return [...text.trim()][0] ?? '';
}

function initials(person: PersonBrief): string {
  return (firstLetter(person.given) + firstLetter(person.surname)).toLocaleUpperCase() || '?';
}

const sizes = { sm: 'size-9 text-xs', md: 'size-12 text-sm', lg: 'size-24 text-xl sm:size-28' };

/** Portrait or initials; the name always stands beside it, so it says nothing to a screen reader. */
export function Face({ person, size = 'sm', url }: { person: PersonBrief; size?: keyof typeof sizes; url?: string | null }) {
  const picture = url ?? person.portraitUrl;
  const shape = cx('inline-flex shrink-0 items-center justify-center overflow-hidden rounded-full', sizes[size]);
  const letters = (
    <span aria-hidden className={cx(shape, 'border border-line bg-sunken font-semibold text-ink-2', person.living && 'border-dashed border-line-strong')}>
      {person.hidden ? '·' : initials(person)}
    </span>
  );
  return picture ? <Picture src={picture} alt="" loading="lazy" otherwise={letters} className={cx(shape, 'bg-sunken object-cover')} /> : letters;
}

export function PersonLink({ person, className }: { person: PersonBrief; className?: string }) {
  const { t } = useTranslation('common');
  const name = nameOf(person, t);
  if (person.hidden) return <span className={cx('text-ink-2 italic', className)}>{name}</span>;
  return (
    <Link to="/t/$tree/people/$id/{-$tab}" params={{ tree: person.treeId, id: person.id }} className={cx('prose-link', className)}>
      <bdi>{name}</bdi>
    </Link>
  );
}

export function Life({ person, className }: { person: PersonBrief; className?: string }) {
  const { t, i18n } = useTranslation('common');
  return <span className={cx('text-ink-2', className)}>{showLife(person, i18n.language, t)}</span>;
}

/** Face, name and years in a row: the usual way to name somebody. */
export function PersonRow({ person, note }: { person: PersonBrief; note?: string | null }) {
  return (
    <span className="flex min-h-11 items-center gap-3">
      <Face person={person} />
      <span className="min-w-0">
        <PersonLink person={person} className="font-semibold" />
        <span className="flex flex-wrap gap-x-2 text-sm">
          <Life person={person} />
          {note && <span className="text-ink-2">{note}</span>}
        </span>
      </span>
    </span>
  );
}

/** Quality of the best citation: three dots, and the same in words. */
export function Evidence({ quality }: { quality: Quality | null }) {
  const { t } = useTranslation('common');
  const words = quality === null ? t('evidence.none') : t(`evidence.${quality}`);
  return (
    <span role="img" aria-label={words} title={words} className="inline-flex gap-1 align-middle">
      {[0, 1, 2].map((dot) => (
        <span
          key={dot}
          className={cx(
            'size-2 rounded-full border',
            quality === null ? 'border-line-strong border-dotted' : 'border-ink-2',
            quality !== null && dot < quality && 'bg-ink-2',
          )}
        />
      ))}
    </span>
  );
}

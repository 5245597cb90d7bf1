import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Citation } from '../../../api/types.ts';
import { factName } from '../texts.ts';
import { DateText, NoteText } from './facts.tsx';
import { MediaGrid } from './media.tsx';
import { Evidence } from './person.tsx';

/** One citation: where it stands, what it says, what it supports. */
export function CitationText({ citation, treeId, withSource }: { citation: Citation; treeId: string; withSource: boolean }) {
  const { t } = useTranslation('common');
  return (
    <div className="space-y-2">
      <div className="flex flex-wrap items-baseline gap-x-3">
        {withSource && citation.source.id && (
          <Link to="/t/$tree/sources/$id" params={{ tree: treeId, id: citation.source.id }} className="prose-link font-semibold">
            <bdi>{citation.source.title || t('source.untitled')}</bdi>
          </Link>
        )}
        {withSource && !citation.source.id && <bdi className="font-semibold">{citation.source.title || t('source.untitled')}</bdi>}
        {citation.page && <bdi>{citation.page}</bdi>}
        {citation.date && <span className="text-ink-2"><DateText date={citation.date} /></span>}
        <Evidence quality={citation.quality} />
      </div>
      {citation.supports.length > 0 && (
        <p className="text-sm text-ink-2">
          {t('source.supports', { facts: citation.supports.map((fact) => factName(fact, t)).join(', ') })}
        </p>
      )}
      {citation.text && (
        <blockquote dir="auto" className="max-w-prose border-s-4 border-accent-soft ps-4 font-serif whitespace-pre-line">{citation.text}</blockquote>
      )}
      {citation.notes.map((note, index) => <NoteText key={note.id ?? index} note={note} />)}
      {citation.media.length > 0 && <MediaGrid items={citation.media} treeId={treeId} />}
    </div>
  );
}

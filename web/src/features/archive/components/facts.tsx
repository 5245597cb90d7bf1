import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { DateValue, Fact, Note, PlaceRef } from '../../../api/types.ts';
import { ageAt, showDate } from '../../../lib/dates.ts';
import { factName } from '../texts.ts';
import { Evidence, PersonLink } from './person.tsx';

/** The date in the reader's words; as it was written is one hover or one tap away. */
export function DateText({ date }: { date: DateValue }) {
  const { t, i18n } = useTranslation('common');
  const shown = showDate(date, i18n.language, t);
  const calendar = date.calendar === 'gregorian' ? '' : ` (${t(`calendar.${date.calendar}`)})`;
  return (
    <time dir="auto" title={shown === date.original ? undefined : t('date.written', { text: date.original })}>
      {shown}
      {calendar}
    </time>
  );
}

export function PlaceText({ place, treeId }: { place: PlaceRef; treeId: string }) {
  if (!place.id) return <bdi>{place.text}</bdi>;
  return (
    <Link to="/t/$tree/places/$id" params={{ tree: treeId, id: place.id }} className="prose-link">
      <bdi>{place.text}</bdi>
    </Link>
  );
}

export function NoteText({ note }: { note: Note }) {
  return (
    <p lang={note.lang ?? undefined} dir="auto" className="max-w-prose font-serif whitespace-pre-line">
      {note.text}
    </p>
  );
}

/** One fact as a line of a description list: its name, then value, date, place, age, evidence. */
export function FactLine({ fact, treeId, birth }: { fact: Fact; treeId: string; birth?: DateValue | null | undefined }) {
  const { t } = useTranslation('common');
  const years = fact.type === 'BIRT' || fact.date?.kind === 'period' ? null : ageAt(birth, fact.date);
  const age = fact.age ?? (years === null ? null : t('age.years', { count: years }));
  const details = fact.partner !== null || fact.cause !== null || fact.notes.length > 0;
  return (
    <div className="grid gap-x-6 gap-y-1 border-b border-line py-3 last:border-b-0 sm:grid-cols-[11rem_1fr]">
      <dt className="font-semibold text-ink-2">
        {factName(fact, t)}
        {!fact.preferred && <span className="block text-sm font-normal">{t('fact_notes.other')}</span>}
      </dt>
      <dd className="grid min-w-0 grid-cols-[1fr_auto] gap-x-3 gap-y-1">
        <div className="flex min-w-0 flex-wrap items-baseline gap-x-3 gap-y-1">
          {fact.value && <bdi className="font-semibold">{fact.value}</bdi>}
          {fact.date && <DateText date={fact.date} />}
          {fact.place?.text && <PlaceText place={fact.place} treeId={treeId} />}
          {age && <span className="text-sm text-ink-2">{age}</span>}
          {!fact.date && !fact.place?.text && !fact.value && <span className="text-ink-2">{t('fact_notes.known')}</span>}
        </div>
        <span className="leading-6"><Evidence quality={fact.quality} /></span>
        {details && (
          <div className="col-span-2 space-y-1">
            {fact.partner && <p className="text-sm">{t('fact_notes.with')} <PersonLink person={fact.partner} /></p>}
            {fact.cause && <p className="text-sm text-ink-2">{t('fact_notes.cause', { cause: fact.cause })}</p>}
            {fact.notes.map((note, index) => <NoteText key={note.id ?? index} note={note} />)}
          </div>
        )}
      </dd>
    </div>
  );
}

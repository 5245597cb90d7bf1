/** Dates in the reader's words. The server has read them; here they are only shown. */
import type { TFunction } from 'i18next';
import type { DateValue, PersonBrief } from '../api/types.ts'; // types only: lib calls nothing above it

const DAY_MS = 86_400_000;

/** A day as the server writes it (`-0043-03-15` is the astronomical year −43) in milliseconds. */
export function dayOf(iso: string): number {
  const [, year, month, day] = /^(-?\d+)-(\d\d)-(\d\d)$/.exec(iso) ?? [];
  if (year === undefined) return Number.NaN;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return date.getTime();
}

/** The day that stands for the whole value: the middle of `about`, the named end of an open span. */
function namedDay(date: DateValue): number {
  const from = date.from === null ? Number.NaN : dayOf(date.from);
  const to = date.to === null ? Number.NaN : dayOf(date.to);
  if (date.kind === 'before') return to + DAY_MS; // BEF 1902 ends on the day before 1902 begins
  if (date.kind === 'after') return from - DAY_MS;
  if (date.kind === 'about' && !Number.isNaN(from + to)) return from + Math.floor((to - from) / 2 / DAY_MS) * DAY_MS;
  return Number.isNaN(from) ? to : from;
}

/** The year to show in short forms; astronomical years turn to BCE by Intl. Null where nothing was understood. */
export function yearOf(date: DateValue | null | undefined): number | null {
  if (!date) return null;
  const day = namedDay(date);
  return Number.isNaN(day) ? null : new Date(day).getUTCFullYear();
}

/** Genealogists write the day first in English too; it is also the one order that nobody misreads. */
const localeOf = (language: string) => (language === 'en' ? 'en-GB' : language);

const formats = new Map<string, Intl.DateTimeFormat>();
function format(language: string, precision: DateValue['precision'], day: number): string {
  const era = new Date(day).getUTCFullYear() <= 0;
  const key = `${language} ${precision} ${era}`;
  let formatter = formats.get(key);
  if (!formatter) {
    const options: Intl.DateTimeFormatOptions = { timeZone: 'UTC', calendar: 'gregory', year: 'numeric' };
    if (precision !== 'year') options.month = 'long';
    if (precision === 'day') options.day = 'numeric';
    if (era) options.era = 'short';
    formatter = new Intl.DateTimeFormat(localeOf(language), options);
    formats.set(key, formatter);
  }
  return formatter.format(day);
}

export function showYear(language: string, year: number): string {
  return format(language, 'year', new Date(0).setUTCFullYear(year));
}

type CommonT = TFunction<'common'>;

/** The value in words; what was written where it was not understood. */
export function showDate(date: DateValue, language: string, t: CommonT): string {
  if (date.kind === 'text' || (date.from === null && date.to === null)) return date.original;
  const one = (day: number) => format(language, date.precision === 'none' ? 'year' : date.precision, day);
  const from = date.from === null ? null : one(dayOf(date.from));
  const to = date.to === null ? null : one(dayOf(date.to));
  switch (date.kind) {
    case 'about':
      return t('date.about', { date: one(namedDay(date)) });
    case 'before':
      return t('date.before', { date: one(namedDay(date)) });
    case 'after':
      return t('date.after', { date: one(namedDay(date)) });
    case 'between':
      return from !== null && to !== null ? t('date.between', { from, to }) : (from ?? to ?? date.original);
    case 'period':
      if (from !== null && to !== null) return from === to ? from : t('date.period', { from, to });
      return from !== null ? t('date.since', { date: from }) : t('date.until', { date: to });
    default:
      return one(namedDay(date));
  }
}

/** "1902", "c. 1902": one fact in a list. */
export function showShort(date: DateValue | null | undefined, language: string, t: CommonT): string {
  const year = yearOf(date);
  if (year === null) return '';
  const shown = showYear(language, year);
  if (date!.kind === 'about' || date!.kind === 'between') return t('date.circa', { year: shown });
  if (date!.kind === 'before') return t('date.before', { date: shown });
  if (date!.kind === 'after') return t('date.after', { date: shown });
  return shown;
}

/** "1902–1931", "born 1950", "died 1931", "" */
export function showLife(person: PersonBrief, language: string, t: CommonT): string {
  const birth = showShort(person.birth?.date, language, t);
  const death = showShort(person.death?.date, language, t);
  if (birth && death) return `${birth}–${death}`;
  if (birth) return t('life.born', { year: birth });
  if (death) return t('life.died', { year: death });
  return '';
}

/** Whole years between the days that stand for two dates; null where one is not known. Not exact dates are as exact as they are. */
export function ageAt(birth: DateValue | null | undefined, event: DateValue | null | undefined): number | null {
  if (!birth || !event || birth.kind === 'text' || event.kind === 'text') return null;
  const from = new Date(namedDay(birth));
  const to = new Date(namedDay(event));
  if (Number.isNaN(from.getTime() + to.getTime())) return null;
  const years = to.getUTCFullYear() - from.getUTCFullYear();
  const fully = birth.precision === 'day' && event.precision === 'day' && birth.kind === 'exact' && event.kind === 'exact';
  const before = to.getUTCMonth() < from.getUTCMonth() ||
    (to.getUTCMonth() === from.getUTCMonth() && to.getUTCDate() < from.getUTCDate());
  const age = fully && before ? years - 1 : years;
  return age < 0 ? null : age;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** "14:02" of today, else with the day. */
export function showTime(time: number, language: string): string {
  const recent = Date.now() - time < DAY_MS;
  return new Intl.DateTimeFormat(language, recent ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' }).format(time);
}

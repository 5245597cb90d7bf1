/** "3 May 2026, 14:02", with the seconds where a change is told from another. */
export const showMoment = (time: string, language: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(time));

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** "1.4 MB" in the reader's language. */
export function fileSize(bytes: number, language: string): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  return new Intl.NumberFormat(language, {
    style: 'unit', unit: UNITS[power]!, unitDisplay: 'short', maximumSignificantDigits: 3,
  }).format(bytes / 1000 ** power);
}

import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { parseDate } from '../../../api/commands.ts';
import { showDate } from '../../../lib/dates.ts';
import { useDelayed } from '../../../lib/useDelayed.ts';
import { Button } from '../../../ui/Button.tsx';
import type { Part } from '../model/draft.ts';
import { PartText, useForm } from './form.tsx';

const PAUSE_MS = 250;

/** How the archive reads a date: its reading is the one that counts, so it is asked and not guessed. */
function Reading({ part, text }: { part: Part; text: string }) {
  const { t, i18n } = useTranslation('editing');
  const { t: common } = useTranslation('common');
  const { step } = useForm();
  const asked = useDelayed(text.trim(), PAUSE_MS);
  const { data } = useQuery({
    queryKey: ['date', i18n.language, asked],
    queryFn: ({ signal }) => parseDate(asked, i18n.language, signal),
    enabled: asked !== '' && asked.length <= 200,
    staleTime: Infinity,
  });
  if (text.trim() === '') return t('date.hint');
  if (!data || asked !== text.trim()) return null;
  const { date, choices } = data;
  if (choices.length > 0) {
    return (
      <span className="flex flex-wrap items-center gap-2">
        {t('date.which')}
        {choices.map((choice) => (
          <Button key={choice.original} className="min-h-9 py-1" onClick={() => step({ type: 'field', key: part.key, fields: { date: choice.original } })}>
            {showDate(choice, i18n.language, common)}
          </Button>
        ))}
      </span>
    );
  }
  if (date.kind === 'text') return t('date.text');
  const shown = showDate(date, i18n.language, common);
  if (date.kind === 'exact' && date.precision === 'day') return t('date.exact', { date: shown });
  return t('date.read', { date: shown, from: yearOf(date.from), to: yearOf(date.to) });
}

/** The year of an ISO day, as people count: there is no year 0. */
function yearOf(day: string | null): string {
  if (day === null) return '…';
  const year = Number.parseInt(day, 10);
  return year > 0 ? String(year) : String(year - 1);
}

/** Keeps what is typed; what was understood stands below. */
export function DateField({ part, label, className }: { part: Part; label: string; className?: string }) {
  return <PartText part={part} field="date" label={label} className={className ?? ''} hint={<Reading part={part} text={part.fields['date'] ?? ''} />} />;
}

import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { parseDate } from '../../../api/commands.ts';
import type { DateValue } from '../../../api/types.ts';
import { showDate } from '../../../lib/dates.ts';
import { useDelayed } from '../../../lib/useDelayed.ts';
import { Button } from '../../../ui/Button.tsx';
import type { Part } from '../model/draft.ts';
import { orderIn, orderOf, rememberOrder, sourceFor } from '../model/order.ts';
import { PartText, useForm } from './form.tsx';

const PAUSE_MS = 250;

/** Day or month first? What was said for this source before is offered first. */
function Choices({ part, field, text, choices }: { part: Part; field: string; text: string; choices: DateValue[] }) {
  const { t, i18n } = useTranslation('editing');
  const { t: common } = useTranslation('common');
  const { draft, step } = useForm();
  const source = sourceFor(draft, part);
  const before = source ? orderOf(draft.treeId, source) : undefined;
  const asBefore = (choice: DateValue) => before !== undefined && orderIn(text, choice) === before;
  const choose = (choice: DateValue) => {
    const order = orderIn(text, choice);
    if (source && order) rememberOrder(draft.treeId, source, order);
    step({ type: 'field', key: part.key, fields: { [field]: choice.original } });
  };
  return (
    <span className="flex flex-wrap items-center gap-2">
      {before ? t('date.as_before') : t('date.which')}
      {choices.toSorted((a, b) => Number(asBefore(b)) - Number(asBefore(a))).map((choice) => (
        <Button key={choice.original} kind={asBefore(choice) ? 'primary' : 'plain'} className="min-h-9 py-1" onClick={() => choose(choice)}>
          {showDate(choice, i18n.language, common)}
        </Button>
      ))}
    </span>
  );
}

/** How the archive reads a date: its reading is the one that counts, so it is asked and not guessed. */
function Reading({ part, field, quiet }: { part: Part; field: string; quiet: boolean }) {
  const { t, i18n } = useTranslation('editing');
  const { t: common } = useTranslation('common');
  const text = part.fields[field] ?? '';
  const asked = useDelayed(text.trim(), PAUSE_MS);
  const { data } = useQuery({
    queryKey: ['date', i18n.language, asked],
    queryFn: ({ signal }) => parseDate(asked, i18n.language, signal),
    enabled: asked !== '' && asked.length <= 200,
    staleTime: Infinity,
  });
  if (text.trim() === '') return quiet ? null : t('date.hint');
  if (!data || asked !== text.trim()) return null;
  const { date, choices } = data;
  if (choices.length > 0) return <Choices part={part} field={field} text={asked} choices={choices} />;
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

/** Keeps what is typed; what was understood stands below. `quiet`: no hint while it is empty. */
export function DateField({ part, field = 'date', label, className, quiet = false }: { part: Part; field?: string; label: string; className?: string; quiet?: boolean }) {
  return <PartText part={part} field={field} label={label} className={className ?? ''} hint={<Reading part={part} field={field} quiet={quiet} />} />;
}

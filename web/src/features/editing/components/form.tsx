/** What the parts of the form share: the draft, how it changes, and what is wrong with it. */
import { createContext, type ReactNode, use, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/class.ts';
import { inputClass } from '../../../ui/fields.tsx';
import type { Wrong } from '../model/check.ts';
import type { Draft, Part, Step } from '../model/draft.ts';

export interface Form {
  draft: Draft;
  step(step: Step): void;
  wrong: Wrong[];
  /** Fields by part and name, to be focused from the summary. */
  place(key: string, field: string, element: HTMLElement | null): void;
}

const FormContext = createContext<Form | null>(null);
export const FormProvider = FormContext.Provider;
export const useForm = (): Form => use(FormContext)!;

export const cellName = (key: string, field: string) => `${key}/${field}`;

/** What is wrong with one field, or (empty field) with the part as a whole. */
export function WrongText({ id, part, field }: { id?: string; part: Part; field: string }) {
  const { t } = useTranslation('editing');
  const found = useForm().wrong.find((one) => one.key === part.key && one.field === field);
  if (!found) return null;
  return <p id={id} className="mt-1 text-sm font-semibold text-danger">{t(`wrong.${found.reason}`, { detail: found.detail ?? '' })}</p>;
}

interface FieldProps {
  part: Part;
  field: string;
  label: string;
  hint?: ReactNode;
  className?: string;
  rows?: number;
  children?: ReactNode;
}

function useField(part: Part, field: string) {
  const { step, wrong, place } = useForm();
  const id = useId();
  const bad = wrong.some((one) => one.key === part.key && one.field === field);
  return {
    id, bad,
    value: part.fields[field] ?? '',
    set: (value: string) => step({ type: 'field', key: part.key, fields: { [field]: value } }),
    ref: (element: HTMLElement | null) => place(part.key, field, element),
  };
}

export function PartText({ part, field, label, hint, className, rows }: FieldProps) {
  const { id, bad, value, set, ref } = useField(part, field);
  const described = cx(hint !== undefined && `${id}-hint`, bad && `${id}-wrong`) || undefined;
  const shared = {
    id, ref, value, dir: 'auto' as const, 'aria-invalid': bad || undefined, 'aria-describedby': described, autoComplete: 'off',
    className: cx(inputClass, bad && 'border-danger'),
    onChange: (event: { target: { value: string } }) => set(event.target.value),
  };
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block text-sm font-semibold">{label}</label>
      {rows ? <textarea rows={rows} {...shared} /> : <input {...shared} />}
      {hint !== undefined && <div id={`${id}-hint`} aria-live="polite" className="mt-1 min-h-5 text-sm text-ink-2">{hint}</div>}
      <WrongText id={`${id}-wrong`} part={part} field={field} />
    </div>
  );
}

export function PartSelect({ part, field, label, className, children }: FieldProps) {
  const { id, bad, value, set, ref } = useField(part, field);
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block text-sm font-semibold">{label}</label>
      <select id={id} ref={ref} value={value} className={inputClass} aria-invalid={bad || undefined} onChange={(event) => set(event.target.value)}>{children}</select>
      <WrongText part={part} field={field} />
    </div>
  );
}

const STOPS = 'input:not([type=hidden]), select, textarea, button:not([data-aside]), summary, a[href]';

/** Enter goes on to the next field; in a text of several lines it is a line. */
export function goOn(event: React.KeyboardEvent<HTMLElement>) {
  const { target } = event;
  if (event.key !== 'Enter' || event.defaultPrevented || event.ctrlKey || event.metaKey || event.nativeEvent.isComposing) return;
  if (!(target instanceof HTMLInputElement || target instanceof HTMLSelectElement)) return;
  event.preventDefault();
  focusAfter(target);
}

export function focusAfter(element: HTMLElement) {
  const stops = [...(element.closest('form')?.querySelectorAll<HTMLElement>(STOPS) ?? [])].filter((one) => one.offsetParent !== null || one === element);
  stops[stops.indexOf(element) + 1]?.focus();
}

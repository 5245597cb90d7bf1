import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from 'react';
import { cx } from '../lib/class.ts';

export const inputClass =
  'min-h-11 w-full rounded-input border border-line-strong bg-card px-3 py-2 text-base text-ink placeholder:text-ink-2';

interface FieldProps {
  label: string;
  /** Below the field: what is expected, or what was understood. */
  hint?: ReactNode;
  className?: string;
}

export function TextField({ label, hint, className, ...input }: FieldProps & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block text-sm font-semibold">{label}</label>
      <input id={id} aria-describedby={hint ? `${id}-hint` : undefined} className={inputClass} {...input} />
      {hint && <p id={`${id}-hint`} className="mt-1 text-sm text-ink-2">{hint}</p>}
    </div>
  );
}

export function SelectField({ label, hint, className, children, ...select }: FieldProps & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block text-sm font-semibold">{label}</label>
      <select id={id} aria-describedby={hint ? `${id}-hint` : undefined} className={inputClass} {...select}>{children}</select>
      {hint && <p id={`${id}-hint`} className="mt-1 text-sm text-ink-2">{hint}</p>}
    </div>
  );
}

/** A group of buttons of which one is chosen, as radio buttons so that the keyboard works by itself. */
export function Choice<T extends string | number>({ legend, name, value, options, onChange, compact = false }: {
  legend: string;
  name: string;
  value: T;
  options: { value: T; label: ReactNode }[];
  onChange(value: T): void;
  compact?: boolean;
}) {
  return (
    <fieldset>
      <legend className={compact ? 'sr-only' : 'mb-1 text-sm font-semibold'}>{legend}</legend>
      <div className="inline-flex flex-wrap rounded-input border border-line-strong bg-card">
        {options.map((option) => (
          <label
            key={option.value}
            className={cx(
              'inline-flex min-h-11 items-center px-4 text-sm font-semibold has-focus-visible:outline-3 has-focus-visible:outline-focus',
              option.value === value ? 'bg-accent text-on-accent' : 'hover:bg-sunken',
            )}
          >
            <input type="radio" name={name} className="sr-only" checked={option.value === value} onChange={() => onChange(option.value)} />
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function CheckField({ label, hint, ...input }: FieldProps & Omit<InputHTMLAttributes<HTMLInputElement>, 'type'>) {
  return (
    <label className="flex min-h-11 items-start gap-3 py-2">
      <input type="checkbox" className="mt-1 size-5 accent-accent" {...input} />
      <span>
        <span className="font-semibold">{label}</span>
        {hint && <span className="block text-sm text-ink-2">{hint}</span>}
      </span>
    </label>
  );
}

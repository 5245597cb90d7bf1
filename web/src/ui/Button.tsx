import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { cx } from '../lib/class.ts';

export type ButtonKind = 'primary' | 'plain' | 'quiet' | 'danger';

const kinds: Record<ButtonKind, string> = {
  primary: 'bg-accent text-on-accent hover:opacity-90 border-accent',
  plain: 'bg-card text-ink border-line-strong hover:bg-sunken',
  quiet: 'bg-transparent text-ink border-transparent hover:bg-sunken',
  danger: 'bg-card text-danger border-danger hover:bg-sunken',
};

/** For links that look like buttons too. */
export function buttonClass(kind: ButtonKind = 'plain', extra?: string): string {
  return cx(
    'inline-flex min-h-11 items-center justify-center gap-2 rounded-input border px-4 py-2 text-sm font-semibold no-underline transition-colors',
    'disabled:cursor-not-allowed disabled:opacity-60 aria-disabled:opacity-60',
    kinds[kind],
    extra,
  );
}

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: ButtonKind;
  icon?: ReactNode;
}

export function Button({ kind = 'plain', icon, className, children, ...rest }: ButtonProps) {
  return (
    <button type="button" className={buttonClass(kind, className)} {...rest}>
      {icon}
      {children}
    </button>
  );
}

/** A button with a picture and no visible word: the label is for everybody who does not see it, and its title for who does. */
export function IconButton({ label, icon, className, ...rest }: Omit<ButtonProps, 'children' | 'kind'> & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={cx('inline-flex size-11 items-center justify-center rounded-input border border-transparent text-ink hover:bg-sunken disabled:opacity-50', className)}
      {...rest}
    >
      {icon}
    </button>
  );
}

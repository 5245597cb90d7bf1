import { IconChevronRight } from '@tabler/icons-react';
import type { ReactNode } from 'react';

/** The browser's own details, with a sign that it opens. */
export function Fold({ title, open, onToggle, className, children }: {
  title: ReactNode;
  /** Open from the beginning. */
  open?: boolean;
  onToggle?(open: boolean): void;
  className?: string;
  children: ReactNode;
}) {
  return (
    <details className={className} open={open || undefined} onToggle={(event) => onToggle?.(event.currentTarget.open)}>
      <summary className="group inline-flex min-h-11 cursor-pointer items-center gap-1 font-semibold">
        <IconChevronRight aria-hidden className="size-5 transition-transform rtl:-scale-x-100 [details[open]>summary>&]:rotate-90" />{title}
      </summary>
      {children}
    </details>
  );
}

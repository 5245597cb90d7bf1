import { type ReactNode, useEffect } from 'react';
import { cx } from '../lib/class.ts';

const PRODUCT = 'Tablinum';

export interface PageProps {
  /** The heading, and the first half of the window's title. */
  title: string;
  /** What stands in the heading instead of the plain title. */
  heading?: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  /** Wide pages (lists, charts) use all of the window. */
  wide?: boolean;
  children: ReactNode;
}

/** Title and heading of a page. The heading takes the focus after each change of place (app/Shell). */
export function Page({ title, heading, lead, actions, wide = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · ${PRODUCT}`;
  }, [title]);
  return (
    <div className={cx('mx-auto w-full px-4 pt-6 pb-16 sm:px-6 lg:px-8', wide ? 'max-w-[100rem]' : 'max-w-6xl')}>
      <header className="mb-6 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <h1 tabIndex={-1} className="font-serif text-2xl font-semibold tracking-tight sm:text-3xl">
            {heading ?? title}
          </h1>
          {lead && <div className="mt-1 text-ink-2">{lead}</div>}
        </div>
        {actions && <div className="no-print flex flex-wrap gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export function Card({ title, action, children, className }: { title?: ReactNode; action?: ReactNode; children: ReactNode; className?: string }) {
  return (
    <section className={cx('rounded-card border border-line bg-card p-4 sm:p-5', className)}>
      {title && (
        <div className="mb-3 flex items-baseline justify-between gap-4">
          <h2 className="text-lg font-semibold">{title}</h2>
          {action && <div className="text-sm">{action}</div>}
        </div>
      )}
      {children}
    </section>
  );
}

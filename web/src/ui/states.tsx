/** What stands in a page's place while there is nothing to show. Words come from the caller. */
import { type ReactNode, useEffect, useState } from 'react';
import { cx } from '../lib/class.ts';
import { Button } from './Button.tsx';

/** A skeleton that shows before this is only a flicker. */
const SKELETON_AFTER_MS = 150;

/** Grey bars in the layout of what will come. */
export function Skeleton({ lines = 6, label, className }: { lines?: number; label: string; className?: string }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), SKELETON_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div role="status" aria-label={label} className={cx('space-y-3', className, !shown && 'invisible')}>
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} className={cx('h-5 animate-pulse rounded-input bg-line', ['w-full', 'w-11/12', 'w-4/5'][line % 3])} />
      ))}
    </div>
  );
}

export function Empty({ title, children, actions }: { title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="rounded-card border border-dashed border-line-strong bg-card px-6 py-12 text-center">
      <p className="font-serif text-lg font-semibold">{title}</p>
      {children && <div className="mx-auto mt-2 max-w-prose text-ink-2">{children}</div>}
      {actions && <div className="mt-5 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  );
}

export interface FailureProps {
  title: string;
  detail: string;
  /** "Report number …"; left out where the server gave none. */
  reference?: string | undefined;
  retry?: { label: string; run(): void } | undefined;
}

export function Failure({ title, detail, reference, retry }: FailureProps) {
  return (
    <div role="alert" className="rounded-card border border-danger bg-card p-5">
      <p className="font-semibold text-danger">{title}</p>
      <p className="mt-1">{detail}</p>
      {reference && <p className="mt-1 text-sm text-ink-2">{reference}</p>}
      {retry && (
        <Button className="mt-4" onClick={retry.run}>
          {retry.label}
        </Button>
      )}
    </div>
  );
}

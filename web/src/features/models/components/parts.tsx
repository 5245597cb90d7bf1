/** Small things that the pages about models share. */
import type { ReactNode } from 'react';
import { cx } from '../../../lib/class.ts';

export function Figures({ items }: { items: { key: string; label: string; value: ReactNode }[] }) {
  return (
    <dl className="mb-6 grid grid-cols-2 gap-px overflow-hidden rounded-card border border-line bg-line sm:grid-cols-3 lg:grid-cols-6">
      {items.map(({ key, label, value }) => (
        <div key={key} className="flex flex-col-reverse bg-card p-4">
          <dt className="text-sm text-ink-2">{label}</dt>
          <dd className="tabular font-serif text-xl font-semibold">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const cell = 'border-b border-line px-3 py-2 text-start align-top';

/** Scrolls by itself where the window is narrow: so it can be reached by keyboard, and has a name. */
export function Table({ name, columns, children }: { name: string; columns: { key: string; label: string; number?: boolean }[]; children: ReactNode }) {
  return (
    <div role="region" aria-label={name} tabIndex={0} className="overflow-x-auto rounded-card border border-line bg-card">
      <table className="tabular w-full text-sm">
        <caption className="sr-only">{name}</caption>
        <thead>
          <tr>{columns.map(({ key, label, number }) => <th key={key} scope="col" className={cx(cell, 'text-ink-2', number && 'text-end')}>{label}</th>)}</tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

export function Cell({ number, children }: { number?: boolean; children: ReactNode }) {
  return <td className={cx(cell, number && 'text-end')}>{children}</td>;
}

export function RowHead({ children }: { children: ReactNode }) {
  return <th scope="row" className={cx(cell, 'font-semibold')}>{children}</th>;
}

/** Bars with their words and numbers beside them: a list that needs no picture to be read. */
export function Bars({ items, show }: { items: { key: string; value: number }[]; show(value: number): string }) {
  const most = Math.max(...items.map(({ value }) => value), 1);
  return (
    <ul className="space-y-2">
      {items.map(({ key, value }) => (
        <li key={key} className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 text-sm">
          <span className="truncate font-semibold"><bdi>{key}</bdi></span>
          <span className="tabular">{show(value)}</span>
          <svg aria-hidden className="col-span-2 h-2 w-full" preserveAspectRatio="none" viewBox="0 0 100 1">
            <rect width="100" height="1" className="fill-sunken" />
            <rect width={(100 * value) / most} height="1" className="fill-accent" />
          </svg>
        </li>
      ))}
    </ul>
  );
}

const WIDTH = 600;
const HEIGHT = 160;
const TOP = 8;

/** Lines over time, one above the other; the numbers come from the caller as a table. */
export function Lines({ series, top, from, to }: {
  series: { key: string; label: string; values: readonly number[]; className: string }[];
  /** What the highest line of the grid says. */
  top(value: number): string;
  from: string;
  to: string;
}) {
  const most = Math.max(...series.flatMap(({ values }) => [...values]), 1);
  const points = (values: readonly number[]) => values
    .map((value, index) => `${values.length < 2 ? WIDTH / 2 : (index * WIDTH) / (values.length - 1)},${TOP + (HEIGHT - TOP) * (1 - value / most)}`)
    .join(' ');
  return (
    <div aria-hidden>
      <ul className="mb-2 flex flex-wrap gap-x-5 text-sm">
        {series.map(({ key, label, className }) => (
          <li key={key} className="flex items-center gap-2">
            <svg viewBox="0 0 20 4" className={cx('h-1 w-5', className)}><line x1="0" x2="20" y1="2" y2="2" strokeWidth="4" /></svg>{label}
          </li>
        ))}
      </ul>
      <div className="tabular text-sm text-ink-2">{top(most)}</div>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="h-40 w-full" preserveAspectRatio="none">
        {[TOP, (TOP + HEIGHT) / 2, HEIGHT].map((y) => (
          <line key={y} x1="0" x2={WIDTH} y1={y} y2={y} className="stroke-line" vectorEffect="non-scaling-stroke" />
        ))}
        {series.map(({ key, values, className }) => (
          <polyline key={key} points={points(values)} className={cx('fill-none', className)} strokeWidth="2" vectorEffect="non-scaling-stroke" />
        ))}
      </svg>
      <div className="tabular flex justify-between text-sm text-ink-2"><span>{from}</span><span>{to}</span></div>
    </div>
  );
}

import { useTranslation } from 'react-i18next';
import type { TreeStatistics } from '../../../api/types.ts';

const HEIGHT = 90;
const BAR = 10;

/** Births by decade as small bars, with the same numbers as a table for who cannot see them. */
export function DecadeBars({ decades }: { decades: TreeStatistics['decades'] }) {
  const { t } = useTranslation('home');
  const first = decades[0]!.decade;
  const last = decades.at(-1)!.decade;
  const most = Math.max(...decades.map((entry) => entry.births), 1);
  const width = ((last - first) / 10 + 1) * BAR;
  return (
    <figure>
      <svg viewBox={`0 0 ${width} ${HEIGHT + 14}`} aria-hidden className="h-36 w-full" preserveAspectRatio="none">
        {decades.map(({ decade, births }) => (
          <rect
            key={decade}
            x={((decade - first) / 10) * BAR + 1}
            y={HEIGHT - (births / most) * HEIGHT}
            width={BAR - 2}
            height={(births / most) * HEIGHT}
            className="fill-accent"
          />
        ))}
        <line x1={0} x2={width} y1={HEIGHT} y2={HEIGHT} className="stroke-line-strong" vectorEffect="non-scaling-stroke" />
      </svg>
      <div aria-hidden className="tabular -mt-3 flex justify-between text-sm text-ink-2"><span>{first}</span><span>{last}</span></div>
      <table className="sr-only">
        <caption>{t('births')}</caption>
        <thead><tr><th scope="col">{t('decade')}</th><th scope="col">{t('births')}</th></tr></thead>
        <tbody>{decades.map(({ decade, births }) => <tr key={decade}><th scope="row">{decade}</th><td>{births}</td></tr>)}</tbody>
      </table>
    </figure>
  );
}

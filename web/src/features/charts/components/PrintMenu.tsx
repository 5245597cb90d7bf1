import { IconPrinter } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { address } from '../../../api/client.ts';
import { type ChartView, pictureAsked } from '../../../api/queries.ts';
import { buttonClass } from '../../../ui/Button.tsx';
import { SelectField } from '../../../ui/fields.tsx';

const PAPERS = ['chart', 'A4', 'A3', 'A2', 'A1', 'A0', 'letter'] as const;
type Paper = (typeof PAPERS)[number];
const SCALES = [25, 50, 75, 100, 150, 200];

/** The chart as PDF: on one sheet, or as a poster of many that are glued together. */
export function PrintMenu({ treeId, view }: { treeId: string; view: ChartView }) {
  const { t, i18n } = useTranslation('charts');
  const [paper, setPaper] = useState<Paper>('A4');
  const [poster, setPoster] = useState(false);
  const [scale, setScale] = useState(100);
  const tiled = poster && paper !== 'chart';
  const size = tiled ? { paper, tile: true, scale } : { paper };
  return (
    <details className="relative">
      <summary className={`${buttonClass()} list-none`}><IconPrinter aria-hidden className="size-5" />{t('print.menu')}</summary>
      <div className="absolute end-0 z-10 mt-1 flex w-64 flex-col gap-3 rounded-card border border-line bg-card p-4 shadow-layer">
        <SelectField label={t('print.paper')} value={paper} onChange={(event) => setPaper(PAPERS.find((name) => name === event.target.value) ?? 'A4')}>
          {PAPERS.map((name) => <option key={name} value={name}>{name === 'chart' ? t('print.whole') : name === 'letter' ? 'Letter' : name}</option>)}
        </SelectField>
        {paper !== 'chart' && (
          <label className="flex min-h-11 items-center gap-2">
            <input type="checkbox" checked={poster} onChange={(event) => setPoster(event.target.checked)} className="size-5" />{t('print.tile')}
          </label>
        )}
        {tiled && (
          <SelectField label={t('print.scale')} value={scale} onChange={(event) => setScale(Number(event.target.value))}>
            {SCALES.map((percent) => <option key={percent} value={percent}>{new Intl.NumberFormat(i18n.language, { style: 'percent' }).format(percent / 100)}</option>)}
          </SelectField>
        )}
        <a className={buttonClass('primary')} download href={address(`/trees/${treeId}/charts/${view.kind}`, { ...pictureAsked(view), format: 'pdf', lang: i18n.language, ...size })}>
          {t('print.download')}
        </a>
      </div>
    </details>
  );
}

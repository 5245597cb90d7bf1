import { IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Scene } from '../../../stage/scene.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { boxLife, boxName } from '../describe.ts';

export interface Branch {
  /** People whose branch is folded away. */
  folded: ReadonlySet<string>;
  toggle(person: string): void;
}

/** What can be folded away in this kind of chart; null: it does not grow that way. */
export interface Fold {
  above: Branch | null;
  below: Branch | null;
}

/** The box that was tapped, with what one can do about it. */
export function ChosenCard({ scene, box, fold, onOpen, onReroot, onClose }: {
  scene: Scene;
  box: number;
  fold: Fold;
  onOpen(): void;
  onReroot(): void;
  onClose(): void;
}) {
  const { t, i18n } = useTranslation(['charts', 'common']);
  const { chart } = scene;
  const hidden = chart.boxes.living[box] === 'h';
  const place = chart.boxes.birthPlace[box]! >= 0 ? chart.places[chart.boxes.birthPlace[box]!] : null;
  const person = chart.boxes.person[box]!;
  const drawn = (step: string) => chart.boxes.from.some((from, other) => from === box && chart.boxes.step[other] === step);
  const above = chart.boxes.hiddenUp[box]!;
  const below = chart.boxes.hiddenDown[box]!;
  return (
    <div role="region" aria-label={t('charts:chosen')} className="absolute bottom-3 start-3 w-[min(22rem,calc(100%-5.5rem))] rounded-card border border-line bg-card p-4 shadow-layer">
      <div className="flex items-start justify-between gap-2">
        <p className="font-serif text-lg font-semibold"><bdi>{boxName(chart, box, t)}</bdi></p>
        <IconButton label={t('common:close')} icon={<IconX aria-hidden />} onClick={onClose} className="-mt-2 -me-2" />
      </div>
      <p className="tabular text-sm text-ink-2">{boxLife(chart, box, i18n.language, t)}{place && <> · <bdi>{place}</bdi></>}</p>
      {above + below > 0 && <p className="text-sm text-ink-2">{t('charts:hidden', { count: above + below })}</p>}
      <div className="mt-3 flex flex-wrap gap-2">
        {!hidden && <Button kind="primary" onClick={onOpen}>{t('charts:open')}</Button>}
        <Button onClick={onReroot}>{t('charts:reroot')}</Button>
        {fold.above && (drawn('p') || fold.above.folded.has(person)) && (
          <Button onClick={() => fold.above!.toggle(person)}>{t(fold.above.folded.has(person) ? 'charts:show_above' : 'charts:hide_above')}</Button>
        )}
        {fold.below && (drawn('c') || fold.below.folded.has(person)) && (
          <Button onClick={() => fold.below!.toggle(person)}>{t(fold.below.folded.has(person) ? 'charts:show_below' : 'charts:hide_below')}</Button>
        )}
      </div>
    </div>
  );
}

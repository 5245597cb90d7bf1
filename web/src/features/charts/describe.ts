/** What a box is called: on the canvas, over it, and in the outline. */
import type { TFunction } from 'i18next';
import type { Chart } from '../../api/types.ts';
import { showYear } from '../../lib/dates.ts';
import { kinOf } from '../../stage/kin.ts';
import type { Scene } from '../../stage/scene.ts';

type T = TFunction<['charts', 'common']>;

/** Names in a sentence: more of them are counted. */
const NAMED_CHILDREN_MAX = 4;

export function boxName(chart: Chart, box: number, t: T): string {
  if (chart.boxes.living[box] === 'h') return t('common:person.hidden');
  const surname = chart.surnames[chart.boxes.surname[box]!] ?? '';
  return `${chart.boxes.given[box]} ${surname}`.trim() || t('common:person.unnamed');
}

export function boxLife(chart: Chart, box: number, language: string, t: T): string {
  const birth = chart.boxes.birth[box]!;
  const death = chart.boxes.death[box]!;
  const shown = (year: number) => showYear(language, year < 0 ? year + 1 : year);
  const born = birth === 0 ? '' : chart.boxes.about[box] === '1' ? t('common:date.circa', { year: shown(birth) }) : shown(birth);
  if (born && death !== 0) return `${born}–${shown(death)}`;
  if (born) return t('common:life.born', { year: born });
  return death === 0 ? '' : t('common:life.died', { year: shown(death) });
}

/** "mother of Anna and Peter", "child", "" */
function childrenWords(scene: Scene, box: number, language: string, t: T): string {
  const { chart } = scene;
  const { children } = kinOf(scene, box);
  if (children.length === 0) return '';
  const context = chart.boxes.sex[box] === 'F' ? 'mother' : chart.boxes.sex[box] === 'M' ? 'father' : 'parent';
  if (children.length > NAMED_CHILDREN_MAX) return t(`charts:label.${context}_many`, { count: children.length });
  const given = children.map((child) => (chart.boxes.living[child] === 'h' ? t('common:person.hidden') : chart.boxes.given[child] || t('common:person.unnamed')));
  return t(`charts:label.${context}`, { names: new Intl.ListFormat(language, { type: 'conjunction' }).format(given) });
}

/** "Rudo Mutasa, 1902–1931, mother of Anna and Peter" */
export function boxLabel(scene: Scene, box: number, language: string, t: T): string {
  return [boxName(scene.chart, box, t), boxLife(scene.chart, box, language, t), childrenWords(scene, box, language, t)].filter(Boolean).join(', ');
}

/** How the person is reached in the outline: "father", "partner", "daughter". */
export function stepName(chart: Chart, box: number, t: T): string {
  const sex = chart.boxes.sex[box];
  switch (chart.boxes.step[box]) {
    case 'p':
      return sex === 'F' ? t('charts:step.mother') : sex === 'M' ? t('charts:step.father') : t('charts:step.parent');
    case 'c':
      return sex === 'F' ? t('charts:step.daughter') : sex === 'M' ? t('charts:step.son') : t('charts:step.child');
    case 's':
      return t('charts:step.partner');
    case 'b':
      return sex === 'F' ? t('charts:step.sister') : sex === 'M' ? t('charts:step.brother') : t('charts:step.sibling');
    default:
      return t('charts:step.root');
  }
}

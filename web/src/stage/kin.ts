/** Arrow keys go along kinship, not along the screen: up to a parent, down to a child, sideways to partner or sibling. */
import { children, type Scene } from './scene.ts';

export type Arrow = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight';

export function isArrow(key: string): key is Arrow {
  return key === 'ArrowUp' || key === 'ArrowDown' || key === 'ArrowLeft' || key === 'ArrowRight';
}

/** A timeline draws no unions: there kin are those who were reached from each other. */
const hasUnions = ({ chart }: Scene) => chart.unions.a.length > 0;

/** The box from which this one was reached by the step `back`, and those reached from it by `out`. */
function reached({ chart: { boxes } }: Scene, box: number, back: string, out: string): number[] {
  const behind = boxes.step[box] === back ? [boxes.from[box]!] : [];
  return [...behind, ...[...boxes.from.keys()].filter((other) => boxes.from[other] === box && boxes.step[other] === out)];
}

function partnersOf(scene: Scene, box: number): number[] {
  if (!hasUnions(scene)) return reached(scene, box, 's', 's');
  const { a, b } = scene.chart.unions;
  return scene.partnerIn[box]!.map((union) => (a[union] === box ? b[union]! : a[union]!)).filter((partner) => partner >= 0);
}

function parentsOf(scene: Scene, box: number): number[] {
  if (!hasUnions(scene)) return reached(scene, box, 'c', 'p');
  const union = scene.childIn[box]!;
  if (union < 0) return [];
  return [scene.chart.unions.a[union]!, scene.chart.unions.b[union]!].filter((parent) => parent >= 0);
}

function childrenOf(scene: Scene, box: number): number[] {
  if (!hasUnions(scene)) return reached(scene, box, 'p', 'c');
  return scene.partnerIn[box]!.flatMap((union) => children(scene.chart, union));
}

function siblingsOf(scene: Scene, box: number): number[] {
  if (!hasUnions(scene)) return parentsOf(scene, box).flatMap((parent) => childrenOf(scene, parent));
  const union = scene.childIn[box]!;
  return union < 0 ? [] : children(scene.chart, union);
}

/** Brothers, sisters and partners as they stand beside each other, the box among them. */
function row(scene: Scene, box: number): number[] {
  const { x, y } = scene.chart.boxes;
  const along = scene.chart.fan?.begin ?? (scene.chart.direction === 'down' ? x : y);
  return [...new Set([...siblingsOf(scene, box), ...partnersOf(scene, box), box])].toSorted((a, b) => along[a]! - along[b]!);
}

/** The box that an arrow leads to; -1 where the chart ends. */
export function step(scene: Scene, box: number, arrow: Arrow): number {
  if (arrow === 'ArrowUp') return parentsOf(scene, box)[0] ?? -1;
  if (arrow === 'ArrowDown') return childrenOf(scene, box)[0] ?? -1;
  const beside = row(scene, box);
  return beside[beside.indexOf(box) + (arrow === 'ArrowLeft' ? -1 : 1)] ?? -1;
}

/** Boxes of the people one may name with a person: for "mother of Anna and Peter". */
export function kinOf(scene: Scene, box: number): { parents: number[]; partners: number[]; children: number[] } {
  return { parents: parentsOf(scene, box), partners: partnersOf(scene, box), children: childrenOf(scene, box) };
}

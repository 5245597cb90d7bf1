/** The colours that a chart's boxes and sectors have by what the reader wants to see. */
import type { Scene } from './scene.ts';
import type { Theme } from './theme.ts';

export type ColourBy = 'none' | 'surname' | 'generation' | 'evidence' | 'living';

export interface ColourLook {
  theme: Theme;
  colourBy: ColourBy;
  /** Box with the root, the chosen one (-1: none), and those that match what was typed. */
  root: number;
  chosen: number;
  matches: ReadonlySet<number>;
}

/** Rank of each surname by number of boxes: the frequent ones get the colours. */
function rankSurnames(column: readonly number[], count: number): Int32Array {
  const boxes = new Int32Array(count);
  for (const surname of column) if (surname >= 0) boxes[surname]!++;
  const ranks = new Int32Array(count);
  [...boxes.keys()].toSorted((a, b) => boxes[b]! - boxes[a]!).forEach((surname, rank) => (ranks[surname] = rank));
  return ranks;
}

export class Colouring {
  readonly #scene: Scene;
  readonly #look: ColourLook;
  readonly #bySurname: Int32Array;

  constructor(scene: Scene, look: ColourLook) {
    this.#scene = scene;
    this.#look = look;
    this.#bySurname = rankSurnames(scene.chart.boxes.surname, scene.chart.surnames.length);
  }

  hue(box: number): string | null {
    const { boxes } = this.#scene.chart;
    const { hues, colours } = this.#look.theme;
    switch (this.#look.colourBy) {
      case 'surname': {
        const rank = this.#bySurname[boxes.surname[box]!]!;
        return rank < hues.length ? hues[rank]! : colours['line-strong'];
      }
      case 'generation':
        return hues[((boxes.generation[box]! % hues.length) + hues.length) % hues.length]!;
      case 'evidence':
        return boxes.quality[box] === '-' ? colours.line : hues[[0, 2, 4, 5][Number(boxes.quality[box])]!]!;
      case 'living':
        return boxes.living[box] === '0' ? colours['line-strong'] : colours.accent;
      default:
        return null;
    }
  }

  emphasis(box: number): string | null {
    const { colours } = this.#look.theme;
    if (box === this.#look.chosen || box === this.#look.root) return colours.accent;
    return this.#look.matches.has(box) ? colours.warn : null;
  }

  /** Behind the words. */
  ground(box: number): string {
    const { colours } = this.#look.theme;
    return box === this.#look.chosen ? colours['accent-soft'] : this.#look.matches.has(box) ? colours.mark : colours.card;
  }
}

/** Draws a scene in one of four levels of detail. Words come in ready: nothing here knows a language. */
import { type Camera, type Rect, type Size, visible } from './camera.ts';
import { type ColourLook, Colouring } from './colouring.ts';
import type { Polyline, Scene } from './scene.ts';
import type { Painter } from './stage.ts';
import type { Theme } from './theme.ts';

export interface ChartLook extends ColourLook {
  /** "c. 1902 – 1931" for a box; "Living person" for a hidden one. */
  lifeOf(box: number): string;
  hiddenName: string;
  /** "m. 1921" */
  marriage(year: number): string;
  /** Decoded portraits by box; absent until they have come. */
  portraits: ReadonlyMap<number, ImageBitmap>;
}

/** Scales at which more is drawn: colour blocks, surname, name and years, everything. */
export const DETAIL = { surname: 0.12, name: 0.35, full: 0.8 } as const;
export type Detail = 'block' | 'surname' | 'name' | 'full';

export function detailAt(scale: number): Detail {
  if (scale < DETAIL.surname) return 'block';
  if (scale < DETAIL.name) return 'surname';
  return scale < DETAIL.full ? 'name' : 'full';
}

/** Boxes and unions drawn between two looks at the clock. */
const SLICE = { block: 2000, surname: 150, name: 60, full: 25, lines: 400 } as const;
const PAD = 10;
const DOTS_WIDTH = 30;
/** The plus of those left out stands just outside the box, clear of its words. */
const PLUS_OUTSIDE = 5;
const PLUS_RADIUS = 7;
const RADIUS = 6;
/** Of a timeline: where the lines of the years begin, and the bars of lives. */
const TICK_TOP = 40;
const SPAN_HEIGHT = 5;
const OPEN_END = 24;

/** Cuts text to a width. Widths are measured once for each text and font. */
export class TextFitter {
  readonly #widths = new Map<string, number>();

  width(context: CanvasRenderingContext2D, text: string): number {
    const key = `${context.font}|${text}`;
    let width = this.#widths.get(key);
    if (width === undefined) {
      width = context.measureText(text).width;
      if (this.#widths.size > 50_000) this.#widths.clear();
      this.#widths.set(key, width);
    }
    return width;
  }

  fit(context: CanvasRenderingContext2D, text: string, room: number): string {
    const width = this.width(context, text);
    if (width <= room) return text;
    let keep = Math.max(1, Math.floor((text.length * room) / width) - 1);
    while (keep > 1 && this.width(context, `${text.slice(0, keep)}…`) > room) keep--;
    return `${text.slice(0, keep).trimEnd()}…`;
  }
}

/** Measured widths outlive a painter, which is made anew with each choice. */
const fitters = new WeakMap<Theme, TextFitter>();

export function fitterFor(theme: Theme): TextFitter {
  const fitter = fitters.get(theme) ?? new TextFitter();
  fitters.set(theme, fitter);
  return fitter;
}

export class ChartPainter implements Painter {
  readonly world;
  readonly #scene: Scene;
  readonly #look: ChartLook;
  readonly #text: TextFitter;
  readonly #colouring: Colouring;

  constructor(scene: Scene, look: ChartLook) {
    this.#scene = scene;
    this.#look = look;
    this.#text = fitterFor(look.theme);
    this.world = scene.world;
    this.#colouring = new Colouring(scene, look);
  }

  *paint(context: CanvasRenderingContext2D, camera: Camera, view: Size): Generator<void, void, void> {
    const area = visible(camera, view);
    const detail = detailAt(camera.scale);
    context.save();
    context.scale(camera.scale, camera.scale);
    context.translate(-camera.x, -camera.y);
    if (this.#scene.chart.timeline) this.#timeline(context, this.#scene.chart.timeline, area, camera.scale);
    yield* this.#lines(context, this.#scene.unionGrid.find(area), camera.scale, detail);
    const boxes = this.#scene.boxGrid.find(area);
    if (detail === 'block') yield* this.#blocks(context, boxes, camera.scale);
    else {
      context.textBaseline = 'alphabetic';
      for (let at = 0; at < boxes.length; at++) {
        this.#box(context, boxes[at]!, detail, camera.scale);
        if (at % SLICE[detail] === SLICE[detail] - 1) yield;
      }
    }
    context.restore();
  }

  /** Years as upright lines, lives as bars under their boxes, faint at an end that is not known. */
  #timeline(context: CanvasRenderingContext2D, { from, to, open, ticks, years }: NonNullable<Scene['chart']['timeline']>, area: Rect, scale: number) {
    const { colours, font } = this.#look.theme;
    const { height } = this.world;
    context.lineWidth = Math.max(1, 0.7 / scale);
    context.strokeStyle = colours.line;
    stroke(context, ticks.map((x) => [x, TICK_TOP, x, height]));
    context.fillStyle = colours['ink-2'];
    context.textAlign = 'center';
    const size = Math.min(Math.max(12, 11 / scale), 40);
    context.font = `${size}px ${font}`;
    // Far away only every fifth or tenth year has room for its number.
    const room = (ticks[1] ?? 0) - (ticks[0] ?? 0);
    const every = [1, 2, 5, 10, 20, 50].find((step) => room * step > size * 3) ?? 100;
    ticks.forEach((x, at) => {
      if (at % every === 0 && x > area.x - size && x < area.x + area.width + size) context.fillText(String(years[at]), x, Math.max(TICK_TOP - 4, area.y + size + 4));
    });
    context.textAlign = 'left';
    from.forEach((begin, box) => {
      const end = to[box]!;
      const y = this.#scene.boxes[box]!.y + this.#scene.boxes[box]!.height + 4;
      if (end <= begin || begin > area.x + area.width || end < area.x || y > area.y + area.height || y + SPAN_HEIGHT < area.y) return;
      context.fillStyle = colours.accent;
      context.fillRect(begin, y, end - begin, SPAN_HEIGHT);
      context.fillStyle = colours.line;
      const faint = Math.min(end - begin, OPEN_END);
      if (open[box] === '1' || open[box] === '3') context.fillRect(begin, y, faint, SPAN_HEIGHT);
      if (open[box] === '2' || open[box] === '3') context.fillRect(end - faint, y, faint, SPAN_HEIGHT);
    });
  }

  *#lines(context: CanvasRenderingContext2D, unions: number[], scale: number, detail: Detail): Generator<void, void, void> {
    const { colours } = this.#look.theme;
    context.strokeStyle = colours['line-strong'];
    for (let at = 0; at < unions.length; at += SLICE.lines) {
      const some = unions.slice(at, at + SLICE.lines).map((union) => ({ union, lines: this.#scene.unions[union]! }));
      context.lineWidth = Math.max(1.25, 0.8 / scale);
      stroke(context, some.flatMap(({ lines }) => [...lines.stem, ...lines.children.filter((child) => child.birth).map((child) => child.line)]));
      context.setLineDash([6, 5]);
      stroke(context, some.flatMap(({ lines }) => lines.children.filter((child) => !child.birth).map((child) => child.line)));
      context.setLineDash([]);
      context.lineWidth = Math.max(2, 0.8 / scale);
      stroke(context, some.flatMap(({ lines }) => lines.partners));
      if (detail === 'full') for (const { union } of some) this.#marriage(context, union);
      yield;
    }
  }

  /** The year of marriage under the partners' line, on a patch of page so that the trunk does not run through it. */
  #marriage(context: CanvasRenderingContext2D, union: number) {
    const { unions } = this.#scene.chart;
    const year = unions.year[union]!;
    if (year === 0) return;
    const { colours, font } = this.#look.theme;
    context.font = `11px ${font}`;
    const text = this.#look.marriage(year);
    const width = this.#text.width(context, text);
    const y = unions.y[union]!;
    const x = this.#besidePlus(union, unions.x[union]!, y, width / 2 + 3);
    context.fillStyle = colours.plaster;
    context.fillRect(x - width / 2 - 3, y + 4, width + 6, 16);
    context.fillStyle = colours['ink-2'];
    context.textAlign = 'center';
    context.fillText(text, x, y + 16);
    context.textAlign = 'left';
  }

  /** Where words of that half width below the line do not run into a partner's plus: of one whose other partner is not drawn. */
  #besidePlus(union: number, x: number, y: number, half: number): number {
    const { boxes, unions, direction } = this.#scene.chart;
    if (direction !== 'down') return x;
    for (const box of [unions.a[union]!, unions.b[union]!]) {
      if (box < 0 || boxes.hiddenDown[box] === 0) continue;
      const plus = this.#plusBelow(box);
      if (Math.abs(plus.x - x) < half + PLUS_RADIUS && plus.y + PLUS_RADIUS > y && plus.y - PLUS_RADIUS < y + 20) return plus.x + PLUS_RADIUS + 2 + half;
    }
    return x;
  }

  #plusBelow(box: number): { x: number; y: number } {
    const { x, y, width, height } = this.#scene.boxes[box]!;
    return { x: x + width / 2, y: y + height + PLUS_OUTSIDE };
  }

  /** Blocks of colour, none smaller than a pixel: from far away a crowd is still seen. */
  *#blocks(context: CanvasRenderingContext2D, boxes: number[], scale: number): Generator<void, void, void> {
    const plain = this.#look.theme.colours['line-strong'];
    const byColour = Map.groupBy(boxes, (box) => this.#colouring.emphasis(box) ?? this.#colouring.hue(box) ?? plain);
    let drawn = 0;
    for (const [colour, some] of byColour) {
      context.fillStyle = colour;
      for (const box of some) {
        const { x, y, width, height } = this.#scene.boxes[box]!;
        context.fillRect(x, y, Math.max(width, 1 / scale), Math.max(height, 1 / scale));
        if (++drawn % SLICE.block === 0) yield;
      }
    }
  }

  #box(context: CanvasRenderingContext2D, box: number, detail: Exclude<Detail, 'block'>, scale: number) {
    const { colours } = this.#look.theme;
    const { x, y, width, height } = this.#scene.boxes[box]!;
    const emphasis = this.#colouring.emphasis(box);
    context.beginPath();
    if (detail === 'full') context.roundRect(x, y, width, height, RADIUS);
    else context.rect(x, y, width, height);
    context.fillStyle = this.#colouring.ground(box);
    context.fill();
    context.lineWidth = Math.max(emphasis ? 2.5 : 1, (emphasis ? 2 : 0.7) / scale);
    context.strokeStyle = emphasis ?? colours['line-strong'];
    context.stroke();
    const hue = this.#colouring.hue(box);
    if (hue) {
      context.fillStyle = hue;
      context.fillRect(x + 1, y + 6, Math.max(4, 2 / scale), height - 12);
    }
    if (detail === 'surname') this.#surname(context, box);
    else this.#words(context, box, detail);
    if (detail !== 'surname') this.#hidden(context, box);
  }

  #surname(context: CanvasRenderingContext2D, box: number) {
    const { x, y, width, height } = this.#scene.boxes[box]!;
    const { chart } = this.#scene;
    const size = Math.min(34, height * 0.5);
    context.font = `600 ${size}px ${this.#look.theme.font}`;
    context.fillStyle = this.#look.theme.colours.ink;
    const text = chart.boxes.living[box] === 'h' ? '' : chart.surnames[chart.boxes.surname[box]!] || chart.boxes.given[box]!;
    context.fillText(this.#text.fit(context, text, width - 2 * PAD), x + PAD, y + height / 2 + size * 0.35);
  }

  #words(context: CanvasRenderingContext2D, box: number, detail: 'name' | 'full') {
    const { chart } = this.#scene;
    const { theme, portraits, hiddenName } = this.#look;
    const { x, y, width, height } = this.#scene.boxes[box]!;
    const hidden = chart.boxes.living[box] === 'h';
    const portrait = detail === 'full' ? portraits.get(box) : undefined;
    const side = height - 16;
    if (portrait) context.drawImage(portrait, x + 8, y + 8, side, side);
    const left = x + (portrait ? side + 16 : PAD + 4);
    const room = x + width - PAD - left;
    context.fillStyle = theme.colours.ink;
    context.font = `600 15px ${theme.font}`;
    const given = hidden ? hiddenName : chart.boxes.given[box]!;
    const surname = hidden ? '' : chart.surnames[chart.boxes.surname[box]!]!;
    const lines = surname && given ? [given, surname] : [given || surname || '?'];
    const top = y + (height - (lines.length * 18 + 16)) / 2 + 14;
    const dots = detail === 'full' && chart.boxes.quality[box] !== '-' ? DOTS_WIDTH : 0;
    lines.forEach((line, index) => context.fillText(this.#text.fit(context, line, index === 0 ? room - dots : room), left, top + index * 18));
    context.fillStyle = theme.colours['ink-2'];
    context.font = `13px ${theme.font}`;
    const life = this.#look.lifeOf(box);
    const place = chart.boxes.birthPlace[box]! >= 0 ? chart.places[chart.boxes.birthPlace[box]!]!.split(',')[0]! : '';
    const whole = detail === 'full' && place && life ? `${life} · ${place}` : life;
    // Years before a place that is cut to nothing.
    const last = this.#text.width(context, whole) <= room ? whole : life;
    context.fillText(this.#text.fit(context, last, room), left, top + lines.length * 18);
    if (dots) this.#dots(context, Number(chart.boxes.quality[box]), x + width - PAD - 22, top - 5);
  }

  /** Evidence: three dots, as many filled as the quality says. */
  #dots(context: CanvasRenderingContext2D, quality: number, x: number, y: number) {
    context.strokeStyle = this.#look.theme.colours['ink-2'];
    context.lineWidth = 1;
    for (let dot = 0; dot < 3; dot++) {
      context.beginPath();
      context.arc(x + dot * 9 + 3, y, 2.75, 0, 2 * Math.PI);
      if (dot < quality) context.fill();
      context.stroke();
    }
  }

  /** Where the chart leaves people out: a small plus at the edge at which they would follow. */
  #hidden(context: CanvasRenderingContext2D, box: number) {
    const { boxes, direction } = this.#scene.chart;
    const { x, y, width, height } = this.#scene.boxes[box]!;
    const plus = (atX: number, atY: number) => drawPlus(context, this.#look.theme, atX, atY);
    const ends = direction === 'down'
      ? { up: [x + width / 2, y - PLUS_OUTSIDE], down: [x + width / 2, y + height + PLUS_OUTSIDE] } as const
      : { up: [x + width + PLUS_OUTSIDE, y + height / 2], down: [x - PLUS_OUTSIDE, y + height / 2] } as const;
    if (boxes.hiddenUp[box]! > 0) plus(...ends.up);
    if (boxes.hiddenDown[box]! > 0) plus(...ends.down);
  }
}

/** The mark of relatives who are left out. */
export function drawPlus(context: CanvasRenderingContext2D, { colours }: Theme, x: number, y: number) {
  context.beginPath();
  context.arc(x, y, PLUS_RADIUS, 0, 2 * Math.PI);
  context.fillStyle = colours.card;
  context.fill();
  context.strokeStyle = colours['line-strong'];
  context.lineWidth = 1;
  context.stroke();
  stroke(context, [[x - 3.5, y, x + 3.5, y], [x, y - 3.5, x, y + 3.5]]);
}

export function stroke(context: CanvasRenderingContext2D, lines: readonly Polyline[]) {
  context.beginPath();
  for (const line of lines) {
    context.moveTo(line[0]!, line[1]!);
    for (let at = 2; at < line.length; at += 2) context.lineTo(line[at]!, line[at + 1]!);
  }
  context.stroke();
}

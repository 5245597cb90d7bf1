/** Draws a fan: sectors in rings, words along the arc where that is longer than the ring is deep, else across it. */
import { type Camera, type Size, visible } from './camera.ts';
import { Colouring } from './colouring.ts';
import { type ChartLook, detailAt, drawPlus, fitterFor, type TextFitter } from './paint-chart.ts';
import { type Fan, onCircle, type Scene, type Sector } from './scene.ts';
import type { Painter } from './stage.ts';

/** Sectors drawn between two looks at the clock. */
const SLICE = 15;
const QUARTER = Math.PI / 2;
const LINE = 17;
const PAD = 7;
const FACE = 34;
const ROOT_FACE = 52;
/** A line of words is not begun where there is less room. */
const WORDS_MIN = 24;
/** Letters of these scripts join or run from right to left: such words stay in one piece, straight, instead of following the arc. */
const WHOLE = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Thai}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Mongolian}]/u;
const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

interface Line {
  text: string;
  font: string;
  colour: string;
}

export const middleOf = ({ begin, end, inner }: Sector) => (inner === 0 ? 0 : (begin + end) / 2);
const arcLength = (sector: Sector, radius: number) => (sector.end - sector.begin) * radius;
/** On the lower half words would stand on their heads: they are turned round. */
const isTurned = (angle: number) => Math.abs(angle) > QUARTER;

export class FanPainter implements Painter {
  readonly world;
  readonly #scene: Scene;
  readonly #fan: Fan;
  readonly #look: ChartLook;
  readonly #text: TextFitter;
  readonly #colouring: Colouring;

  constructor(scene: Scene, fan: Fan, look: ChartLook) {
    this.#scene = scene;
    this.#fan = fan;
    this.#look = look;
    this.#text = fitterFor(look.theme);
    this.#colouring = new Colouring(scene, look);
    this.world = scene.world;
  }

  *paint(context: CanvasRenderingContext2D, camera: Camera, view: Size): Generator<void, void, void> {
    // What stands out comes last, or its neighbours would cover its frame.
    const boxes = this.#scene.boxGrid.find(visible(camera, view)).toSorted((a, b) => this.#rank(a) - this.#rank(b));
    const detail = detailAt(camera.scale);
    context.save();
    context.scale(camera.scale, camera.scale);
    context.translate(-camera.x, -camera.y);
    for (let at = 0; at < boxes.length; at++) {
      this.#ground(context, boxes[at]!, camera.scale);
      if (at % (SLICE * 10) === SLICE * 10 - 1) yield;
    }
    context.textBaseline = 'middle';
    context.textAlign = 'center';
    if (detail !== 'block') {
      for (let at = 0; at < boxes.length; at++) {
        this.#words(context, boxes[at]!, detail);
        if (at % SLICE === SLICE - 1) yield;
      }
    }
    if (detail === 'full') this.#marriages(context, boxes);
    context.restore();
  }

  #rank(box: number): number {
    return this.#colouring.emphasis(box) ? 1 : 0;
  }

  #path(context: CanvasRenderingContext2D, { begin, end, inner, outer }: Sector) {
    const { x, y } = this.#fan;
    context.beginPath();
    if (inner === 0) context.arc(x, y, outer, 0, 2 * Math.PI);
    else {
      context.arc(x, y, outer, begin - QUARTER, end - QUARTER);
      context.arc(x, y, inner, end - QUARTER, begin - QUARTER, true);
      context.closePath();
    }
  }

  #ground(context: CanvasRenderingContext2D, box: number, scale: number) {
    const sector = this.#fan.sectors[box]!;
    const { colours } = this.#look.theme;
    const emphasis = this.#colouring.emphasis(box);
    this.#path(context, sector);
    context.fillStyle = this.#colouring.ground(box);
    context.fill();
    context.lineWidth = Math.max(emphasis ? 2.5 : 1, (emphasis ? 2 : 0.7) / scale);
    context.strokeStyle = emphasis ?? colours['line-strong'];
    context.stroke();
    const hue = this.#colouring.hue(box);
    if (!hue) return;
    // A band at the inner edge, as boxes have one at their side; the root's is at its rim.
    const width = Math.max(5, 2 / scale);
    const at = sector.inner === 0 ? sector.outer - width : sector.inner + width / 2 + 1;
    context.beginPath();
    context.arc(this.#fan.x, this.#fan.y, at, sector.begin - QUARTER, sector.end - QUARTER);
    context.lineWidth = width;
    context.strokeStyle = hue;
    context.stroke();
  }

  #lines(box: number, detail: 'surname' | 'name' | 'full', room: number, context: CanvasRenderingContext2D): Line[] {
    const { chart } = this.#scene;
    const { theme, hiddenName } = this.#look;
    const hidden = chart.boxes.living[box] === 'h';
    const given = hidden ? hiddenName : chart.boxes.given[box]!;
    const surname = hidden ? '' : chart.surnames[chart.boxes.surname[box]!]!;
    if (detail === 'surname') return [{ text: surname || given, font: `600 30px ${theme.font}`, colour: theme.colours.ink }];
    const font = `600 14px ${theme.font}`;
    const life = { text: this.#look.lifeOf(box), font: `12.5px ${theme.font}`, colour: theme.colours['ink-2'] };
    context.font = font;
    const whole = [given, surname].filter(Boolean).join(' ') || '?';
    const names = given && surname && this.#text.width(context, whole) > room ? [given, surname] : [whole];
    return [...names.map((text) => ({ text, font, colour: theme.colours.ink })), life].filter(({ text }) => text);
  }

  #words(context: CanvasRenderingContext2D, box: number, detail: 'surname' | 'name' | 'full') {
    const sector = this.#fan.sectors[box]!;
    if (sector.inner === 0) return this.#inTheMiddle(context, box, detail);
    const depth = sector.outer - sector.inner;
    const radius = (sector.inner + sector.outer) / 2;
    if (arcLength(sector, radius) < depth) this.#across(context, box, detail);
    else this.#along(context, box, detail);
    const { hiddenUp } = this.#scene.chart.boxes;
    if (detail !== 'surname' && hiddenUp[box]! > 0 && arcLength(sector, sector.outer) > WORDS_MIN) {
      const { x, y } = onCircle(this.#fan, middleOf(sector), sector.outer);
      drawPlus(context, this.#look.theme, x, y);
    }
    return undefined;
  }

  #inTheMiddle(context: CanvasRenderingContext2D, box: number, detail: 'surname' | 'name' | 'full') {
    const { outer } = this.#fan.sectors[box]!;
    const { x, y } = this.#fan;
    const room = outer * 1.6;
    const face = detail === 'full' ? this.#look.portraits.get(box) : undefined;
    const lines = this.#lines(box, detail, room, context);
    const height = lines.length * LINE + (face ? ROOT_FACE + 4 : 0);
    let top = y - height / 2;
    if (face) {
      this.#face(context, face, { x, y: top + ROOT_FACE / 2 }, ROOT_FACE, 0);
      top += ROOT_FACE + 4;
    }
    lines.forEach((line, index) => this.#straight(context, line, { x, y: top + (index + 0.5) * LINE }, 0, room));
  }

  #along(context: CanvasRenderingContext2D, box: number, detail: 'surname' | 'name' | 'full') {
    const sector = this.#fan.sectors[box]!;
    const angle = middleOf(sector);
    const turned = isTurned(angle);
    const depth = sector.outer - sector.inner;
    const face = detail === 'full' ? this.#look.portraits.get(box) : undefined;
    const lines = this.#lines(box, detail, face ? Infinity : arcLength(sector, (sector.inner + sector.outer) / 2) - 2 * PAD, context);
    const step = detail === 'surname' ? 34 : LINE;
    // Distance from the edge at which reading begins: the outer one, or the inner one where words are turned.
    const radiusAt = (fromTop: number) => (turned ? sector.inner + fromTop : sector.outer - fromTop);
    let top = (depth - lines.length * step - (face ? FACE + 2 : 0)) / 2;
    if (face) {
      this.#face(context, face, onCircle(this.#fan, angle, radiusAt(top + FACE / 2)), FACE, turned ? angle + Math.PI : angle);
      top += FACE + 2;
    }
    lines.forEach((line, index) => {
      const radius = radiusAt(top + (index + 0.5) * step);
      const room = arcLength(sector, radius) - 2 * PAD;
      if (room >= WORDS_MIN) this.#bent(context, line, angle, radius, room);
    });
  }

  #across(context: CanvasRenderingContext2D, box: number, detail: 'surname' | 'name' | 'full') {
    const sector = this.#fan.sectors[box]!;
    const angle = middleOf(sector);
    const radius = (sector.inner + sector.outer) / 2;
    const room = sector.outer - sector.inner - 2 * PAD;
    const step = detail === 'surname' ? 34 : LINE;
    const fitting = Math.floor((arcLength(sector, sector.inner) + 3) / step);
    const lines = this.#lines(box, detail, Infinity, context).slice(0, fitting);
    // Read outwards on the right, inwards on the left: never upside down.
    const right = angle >= 0;
    const turn = right ? angle - QUARTER : angle + QUARTER;
    const middle = onCircle(this.#fan, angle, radius);
    lines.forEach((line, index) => {
      const beside = (index - (lines.length - 1) / 2) * step;
      const at = { x: middle.x - beside * Math.sin(turn), y: middle.y + beside * Math.cos(turn) };
      this.#straight(context, line, at, turn, room);
    });
  }

  #straight(context: CanvasRenderingContext2D, { text, font, colour }: Line, { x, y }: { x: number; y: number }, turn: number, room: number) {
    context.save();
    context.font = font;
    context.fillStyle = colour;
    context.translate(x, y);
    context.rotate(turn);
    context.fillText(this.#text.fit(context, text, room), 0, 0);
    context.restore();
  }

  /** Letter by letter along a circle, round the sector's middle. */
  #bent(context: CanvasRenderingContext2D, line: Line, angle: number, radius: number, room: number) {
    const turned = isTurned(angle);
    context.font = line.font;
    if (WHOLE.test(line.text)) {
      return this.#straight(context, line, onCircle(this.#fan, angle, radius), turned ? angle + Math.PI : angle, room);
    }
    const fitted = this.#text.fit(context, line.text, room);
    const pieces = [...letters.segment(fitted)].map(({ segment }) => ({ segment, width: this.#text.width(context, segment) }));
    const whole = pieces.reduce((sum, { width }) => sum + width, 0);
    const direction = turned ? -1 : 1;
    let at = angle - (direction * whole) / 2 / radius;
    context.fillStyle = line.colour;
    for (const { segment, width } of pieces) {
      const here = at + (direction * width) / 2 / radius;
      const { x, y } = onCircle(this.#fan, here, radius);
      context.save();
      context.translate(x, y);
      context.rotate(turned ? here + Math.PI : here);
      context.fillText(segment, 0, 0);
      context.restore();
      at += (direction * width) / radius;
    }
    return undefined;
  }

  #face(context: CanvasRenderingContext2D, face: ImageBitmap, { x, y }: { x: number; y: number }, side: number, turn: number) {
    context.save();
    context.translate(x, y);
    context.rotate(turn);
    context.beginPath();
    context.arc(0, 0, side / 2, 0, 2 * Math.PI);
    context.clip();
    context.drawImage(face, -side / 2, -side / 2, side, side);
    context.restore();
  }

  /** The year of each marriage where the partners' sectors and their child's meet. */
  #marriages(context: CanvasRenderingContext2D, boxes: readonly number[]) {
    const { chart, childIn } = this.#scene;
    const { colours, font } = this.#look.theme;
    context.font = `11px ${font}`;
    for (const box of boxes) {
      const union = childIn[box]!;
      const year = union < 0 ? 0 : chart.unions.year[union]!;
      const sector = this.#fan.sectors[box]!;
      if (year === 0) continue;
      const text = this.#look.marriage(year);
      const width = this.#text.width(context, text);
      if (arcLength(sector, sector.outer) < width + 2 * PAD) continue;
      const angle = Math.atan2(chart.unions.x[union]! - this.#fan.x, this.#fan.y - chart.unions.y[union]!);
      const { x, y } = onCircle(this.#fan, angle, sector.outer);
      context.save();
      context.translate(x, y);
      context.rotate(isTurned(angle) ? angle + Math.PI : angle);
      context.fillStyle = colours.plaster;
      context.beginPath();
      context.roundRect(-width / 2 - 4, -8, width + 8, 16, 8);
      context.fill();
      context.strokeStyle = colours['line-strong'];
      context.lineWidth = 1;
      context.stroke();
      context.fillStyle = colours['ink-2'];
      context.fillText(text, 0, 0.5);
      context.restore();
    }
  }
}

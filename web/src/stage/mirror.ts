/** A chart for readers from right to left: what stands on the left comes to the right. A timeline stays: its scale of years is read as it is. */
import type { Chart } from '../api/types.ts';

const FULL_TURN = 360_000; // thousandths of a degree

export function mirrored(chart: Chart): Chart {
  if (chart.timeline) return chart;
  const turned = (x: number) => chart.width - x;
  const { boxes, unions, fan, routes } = chart;
  return {
    ...chart,
    boxes: { ...boxes, x: boxes.x.map((x, box) => turned(x) - chart.sizes[boxes.size[box]!]!.width) },
    unions: { ...unions, x: unions.x.map(turned), bar: chart.direction === 'right' ? unions.bar.map(turned) : unions.bar },
    ...(routes && { routes: { ...routes, x: routes.x.map(turned) } }),
    ...(fan && {
      fan: {
        ...fan,
        x: turned(fan.x),
        // A whole circle stays one; else a sector's end is where its mirror image begins.
        begin: fan.end.map((end, box) => (whole(fan, box) ? fan.begin[box]! : FULL_TURN - end)),
        end: fan.begin.map((begin, box) => (whole(fan, box) ? fan.end[box]! : FULL_TURN - begin)),
      },
    }),
  };
}

const whole = ({ begin, end }: NonNullable<Chart['fan']>, box: number) => end[box]! - begin[box]! >= FULL_TURN;

/** Colours and fonts of the page for the canvas: read from the tokens, so both always agree. */

const COLOURS = [
  'plaster', 'card', 'sunken', 'ink', 'ink-2', 'line', 'line-strong', 'accent', 'accent-soft', 'mark', 'sea', 'land', 'warn',
  'hue-1', 'hue-2', 'hue-3', 'hue-4', 'hue-5', 'hue-6', 'hue-7', 'hue-8',
] as const;
export type Colour = (typeof COLOURS)[number];

export interface Theme {
  readonly colours: Readonly<Record<Colour, string>>;
  readonly hues: readonly string[];
  readonly font: string;
}

export function themeOf(element: HTMLElement): Theme {
  const probe = document.createElement('span');
  // A page-wide transition would give the colour of before: the probe must show the new one at once.
  probe.style.setProperty('transition', 'none', 'important');
  element.append(probe);
  const style = getComputedStyle(probe);
  const entries = COLOURS.map((name) => {
    probe.style.color = `var(--color-${name})`;
    return [name, style.color] as const;
  });
  const font = style.fontFamily;
  probe.remove();
  const colours = Object.fromEntries(entries) as Record<Colour, string>;
  return { colours, font, hues: COLOURS.filter((name) => name.startsWith('hue-')).map((name) => colours[name]) };
}

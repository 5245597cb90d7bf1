/** Each page in both themes, at 360 px and at 200 %: no serious fault, no sideways scrolling, nothing against the policy. */
import { beforeAll, describe, expect, test } from 'vitest';
import { archive, firstId, go, noSidewaysScrolling, openWindow, seriousFaults, url, type Window } from './browser.ts';

const NAMES = [
  'home', 'people', 'people filtered', 'person', 'person sources', 'person media', 'person notes', 'family', 'relationship', 'chart', 'fan', 'outline', 'relatives', 'path', 'timeline', 'map chart',
  'search', 'search empty', 'places', 'place', 'map', 'media', 'medium', 'sources', 'source', 'import', 'report', 'export', 'settings', 'trees', 'unknown',
  'models', 'models choose', 'models statistics', 'models live',
] as const;
let pages: Record<(typeof NAMES)[number], string>;

beforeAll(async () => {
  const { tree, person } = await archive();
  const family = (await (await fetch(`${url}/api/v1/persons/${person}/family`)).json()) as { unions: { familyId: string }[]; parentFamilies: { familyId: string; partners: { id: string }[] }[] };
  const relative = family.parentFamilies[0]?.partners[0]?.id ?? person;
  const t = `/t/${tree}`;
  const one = async (list: string) => `${t}/${list}/${(await firstId(tree, list)) ?? 'none'}`;
  pages = {
    home: t, people: `${t}/people`, 'people filtered': `${t}/people?surname=zzzzzz`, person: `${t}/people/${person}`,
    'person sources': `${t}/people/${person}/sources`, 'person media': `${t}/people/${person}/media`, 'person notes': `${t}/people/${person}/notes`,
    family: `${t}/families/${family.unions[0]?.familyId ?? family.parentFamilies[0]?.familyId}`, relationship: `${t}/relationship?a=${person}&b=${relative}`,
    chart: `${t}/charts/hourglass/${person}`, fan: `${t}/charts/fan/${person}`, outline: `${t}/charts/pedigree/${person}?view=outline`,
    relatives: `${t}/charts/relatives/${person}`, path: `${t}/charts/path/${person}?other=${relative}`, timeline: `${t}/charts/timeline/${person}`,
    'map chart': `${t}/charts/map/${person}`, search: `${t}/search?q=a`, 'search empty': `${t}/search`,
    places: `${t}/places`, place: await one('places'), map: `${t}/map`, media: `${t}/media`, medium: await one('media'), sources: `${t}/sources`,
    source: await one('sources'), import: `${t}/import`, report: (await one('imports')).replace('/imports/', '/import/'), export: `${t}/export`,
    settings: '/settings', trees: '/trees', unknown: '/nowhere', models: '/models', 'models choose': '/models/choose?category=code',
    'models statistics': '/models/statistics', 'models live': '/models/live',
  };
});

describe.each([
  ['light', { theme: 'light' }],
  ['dark', { theme: 'dark' }],
  ['360 px', { width: 360, height: 740, touch: true }],
  ['200 %', { width: 640, height: 430 }],
  ['Hebrew, 360 px', { width: 360, height: 740, touch: true, language: 'he' }],
] as const)('%s', (_, look) => {
  // One window for all pages of a look: as a reader has it, and the browser keeps what it has fetched.
  let opened: Window;
  beforeAll(async () => {
    opened = await openWindow(look);
    return () => opened.context.close();
  });

  test.each(NAMES)('%s', async (name) => {
    const { page, faults } = opened;
    faults.length = 0;
    await go(page, pages[name]);
    expect(await seriousFaults(page)).toEqual([]);
    await noSidewaysScrolling(page);
    expect(faults).toEqual([]);
  });
});

test('dialogs and menus too', async () => {
  const { page, context, faults } = await openWindow();
  await go(page, pages.person);
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  await page.keyboard.type('a');
  await page.keyboard.type('n');
  await page.getByRole('option').first().waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  expect(faults).toEqual([]);
  await context.close();
});

test.each(['sn', 'nd', 'he'])('in %s the pages are in that language', async (language) => {
  const { page, context, faults } = await openWindow({ width: 360, height: 740 });
  await page.addInitScript((value) => localStorage.setItem('tablinum.settings', JSON.stringify({ language: value })), language);
  await go(page, pages.person);
  expect(await page.evaluate(() => document.documentElement.lang)).toBe(language);
  expect(await seriousFaults(page)).toEqual([]);
  await noSidewaysScrolling(page);
  await go(page, '/settings');
  expect(await page.locator('#main h1').textContent()).toBe({ sn: 'Magadzirirwo', nd: 'Izilungiselelo', he: 'הגדרות' }[language]);
  expect(faults).toEqual([]);
  await context.close();
});

test('pages are sent with the policy that the tests judge by', async () => {
  const response = await fetch(`${url}/`);
  const policy = response.headers.get('content-security-policy') ?? '';
  for (const directive of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "require-trusted-types-for 'script'", "frame-ancestors 'none'"]) {
    expect(policy).toContain(directive);
  }
});

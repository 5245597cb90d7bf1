// @vitest-environment jsdom
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { idOf, people, TREE } from '../fixture/family.ts';
import { answer, IMPORT } from '../fixture/handler.ts';
import { liveState } from '../fixture/models.ts';
import { startKeys } from '../../src/lib/keys.ts';
import { open, sayOverSocket } from './render.tsx';

const rudo = people[0]!.id;
const heading = (name: string | RegExp) => screen.findByRole('heading', { level: 1, name });

test('the first address leads to the only tree', async () => {
  const { router } = await open('/');
  await heading('Mutasa family');
  expect(router.state.location.pathname).toBe(`/t/${TREE}`);
  expect(document.title).toBe('Mutasa family · Tablinum');
});

test('home: the family round the home person', async () => {
  await open(`/t/${TREE}`);
  expect(await screen.findByRole('link', { name: 'Farai Mutasa' })).toBeDefined();
  expect(screen.getByRole('link', { name: 'Anna Tendai Dube' })).toBeDefined();
});

test('people: rows say how many there are, and a hidden person leads nowhere', async () => {
  await open(`/t/${TREE}/people`);
  const table = await screen.findByRole('table', { name: 'People' });
  expect(table.getAttribute('aria-rowcount')).toBe('15');
  expect(await within(table).findByRole('link', { name: 'Tom Dube' })).toBeDefined();
  expect(within(table).queryByRole('link', { name: 'Living person' })).toBeNull();
});

test('people: the filter goes into the address and into the question', async () => {
  const { asked, router } = await open(`/t/${TREE}/people`);
  fireEvent.change(await screen.findByLabelText('Surname (sounds like)'), { target: { value: 'moyo' } });
  fireEvent.click(screen.getByRole('button', { name: 'Show' }));
  await waitFor(() => expect(router.state.location.search).toMatchObject({ surname: 'moyo' }));
  await waitFor(() => expect(asked.some(({ url }) => url.includes('filter%5Bsurname%5D%7E=moyo'))).toBe(true));
});

test('person: facts with evidence in words, both births, family, and the years', async () => {
  await open(`/t/${TREE}/people/${rudo}`);
  await heading('Rudo Mutasa');
  expect(await screen.findByText('another statement')).toBeDefined();
  expect(screen.getAllByRole('img', { name: 'Direct, primary source' }).length).toBeGreaterThan(0);
  expect(screen.getAllByText('Midwife').length).toBeGreaterThan(0);
  expect(screen.getByRole('link', { name: 'Sekai Moyo' })).toBeDefined();
  expect(screen.getByText('adopted')).toBeDefined();
});

test('person: tabs load when they are opened', async () => {
  const { asked } = await open(`/t/${TREE}/people/${rudo}`);
  fireEvent.click(await screen.findByRole('link', { name: /Sources\s*2/ }));
  expect(await screen.findByText('folio 12, entry 88')).toBeDefined();
  expect(asked.filter(({ url }) => url.includes('/citations'))).toHaveLength(1);
});

test('person: one that is not there', async () => {
  await open(`/t/${TREE}/people/${idOf(1, 99)}`);
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('This is not here');
  expect(alert.textContent).toContain('r-1');
});

test('failure: said with a way to try again, which works', async () => {
  let broken = true;
  await open(`/t/${TREE}/sources`, (method, url) => (broken && url.includes('/sources') ? new Response('', { status: 502 }) : answer(method, url)));
  const retry = await screen.findByRole('button', { name: 'Try again' });
  broken = false;
  fireEvent.click(retry);
  expect(await screen.findByRole('link', { name: /Register of baptisms/ })).toBeDefined();
});

test('search: results with what matched, and other spellings', async () => {
  await open(`/t/${TREE}/search?q=dube`);
  expect(await screen.findByText('4 results')).toBeDefined();
  expect(screen.getAllByText('Peter').some((element) => element.tagName === 'MARK')).toBe(true);
  expect(screen.getByRole('link', { name: 'Mutassa' })).toBeDefined();
});

test('search box: suggestions by keyboard', async () => {
  const { router } = await open(`/t/${TREE}`);
  const box = await screen.findByRole('combobox', { name: 'Search' });
  fireEvent.focus(box);
  fireEvent.change(box, { target: { value: 'rud' } });
  await screen.findByRole('option', { name: /Rudo Mutasa/ });
  expect(box.getAttribute('aria-expanded')).toBe('true');
  fireEvent.keyDown(box, { key: 'ArrowDown' });
  const option = screen.getByRole('option', { name: /Rudo Mutasa/ });
  expect(option.getAttribute('aria-selected')).toBe('true');
  expect(box.getAttribute('aria-activedescendant')).toBe(option.id);
  fireEvent.keyDown(box, { key: 'Enter' });
  await waitFor(() => expect(router.state.location.pathname).toBe(`/t/${TREE}/people/${rudo}`));
});

test('search box: Escape closes, Enter without a choice searches', async () => {
  const { router } = await open(`/t/${TREE}`);
  const box = await screen.findByRole('combobox', { name: 'Search' });
  fireEvent.focus(box);
  fireEvent.change(box, { target: { value: 'rud' } });
  await screen.findByRole('option', { name: /Rudo Mutasa/ });
  fireEvent.keyDown(box, { key: 'Escape' });
  expect(box.getAttribute('aria-expanded')).toBe('false');
  fireEvent.keyDown(box, { key: 'Enter' });
  await waitFor(() => expect(router.state.location.pathname).toBe(`/t/${TREE}/search`));
});

test('chart: a link for each box, with words, and one Tab stop', async () => {
  await open(`/t/${TREE}/charts/hourglass/${rudo}`);
  await heading('Hourglass: Rudo Mutasa');
  const group = await screen.findByRole('group', { name: /Chart with 13 people/ });
  const links = within(group).getAllByRole('link');
  expect(links.filter((link) => link.tabIndex === 0).map((link) => link.getAttribute('aria-label')))
    .toEqual(['Rudo Mutasa, c. 1902–1971, mother of Anna Tendai and Peter']);
  fireEvent.keyDown(links[0]!, { key: 'ArrowUp' });
  await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toContain('Farai Mutasa'));
});

test('fan: a link for each ancestor; what is folded away stands in the address', async () => {
  const { router, asked } = await open(`/t/${TREE}/charts/fan/${rudo}?up=2`);
  await heading('Fan: Rudo Mutasa');
  const group = await screen.findByRole('group', { name: /Chart with \d+ people/ });
  fireEvent.keyDown(within(group).getAllByRole('link')[0]!, { key: 'ArrowUp' });
  await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toContain('Farai Mutasa'));
  expect(screen.queryByLabelText('Down')).toBeNull();
  await router.navigate({ to: '/t/$tree/charts/$kind/$person', params: { tree: TREE, kind: 'fan', person: rudo }, search: { up: 2, hideAbove: [rudo, 'x'] } });
  expect(asked.at(-1)?.url).not.toContain('hideAbove');
  await router.navigate({ to: '/t/$tree/charts/$kind/$person', params: { tree: TREE, kind: 'fan', person: rudo }, search: { up: 2, hideAbove: [rudo] } });
  await waitFor(() => expect(asked.at(-1)?.url).toContain(`hideAbove=${rudo}`));
});

test('outline: the same chart as a tree grid', async () => {
  await open(`/t/${TREE}/charts/hourglass/${rudo}?view=outline`);
  const grid = await screen.findByRole('treegrid', { name: 'Outline' });
  expect(grid.getAttribute('aria-rowcount')).toBe('14');
});

test('import report: groups, lines, records', async () => {
  await open(`/t/${TREE}/import/${IMPORT}`);
  expect(await screen.findByText(/Nothing is lost/)).toBeDefined();
  const group = screen.getByText('Dates that could not be read').closest('details')!;
  group.open = true;
  fireEvent(group, new Event('toggle'));
  expect(await screen.findByText('line 8,814')).toBeDefined();
  expect(screen.getAllByText('2 DATE 31 FEB 1870')).toHaveLength(2);
  expect(screen.getAllByRole('link', { name: 'Rudo Mutasa' }).length).toBeGreaterThan(0);
});

test('import: undo asks first', async () => {
  const { asked } = await open(`/t/${TREE}/import/${IMPORT}`);
  fireEvent.click(await screen.findByRole('button', { name: 'Undo whole import' }));
  const dialog = await screen.findByRole('dialog', { name: 'Undo this import?' });
  expect(asked.some(({ method }) => method === 'DELETE')).toBe(false);
  fireEvent.click(within(dialog).getByRole('button', { name: 'Undo whole import' }));
  await waitFor(() => expect(asked.some(({ method, url }) => method === 'DELETE' && url.endsWith(`/imports/${IMPORT}`))).toBe(true));
});

test('import: a file goes up as gedcomFile and its report opens', async () => {
  const { asked, router } = await open(`/t/${TREE}/import`);
  const field = await screen.findByLabelText('Choose a file');
  fireEvent.change(field, { target: { files: [new File(['0 HEAD\n0 TRLR\n'], 'a.ged')] } });
  await waitFor(() => expect(router.state.location.pathname).toBe(`/t/${TREE}/import/${IMPORT}`));
  expect(asked.some(({ method, url }) => method === 'POST' && url.endsWith('/imports'))).toBe(true);
});

test('an address that does not exist says so', async () => {
  await open('/nowhere');
  expect(await heading('Page not found')).toBeDefined();
});

test('keyboard map: what works here, from the page itself', async () => {
  await open(`/t/${TREE}/people/${rudo}`);
  fireEvent.click(await screen.findByRole('button', { name: 'Keyboard' }));
  const dialog = await screen.findByRole('dialog', { name: 'Keyboard' });
  expect(within(dialog).getByText('Go to People')).toBeDefined();
  expect(within(dialog).getByText('Next person of the list you came from')).toBeDefined();
});

test('command list: Ctrl K, some letters, Enter', async () => {
  const stop = startKeys(window);
  const { router } = await open(`/t/${TREE}/people`);
  await heading(/./);
  fireEvent.keyDown(document.body, { key: 'k', ctrlKey: true });
  const dialog = await screen.findByRole('dialog', { name: 'Commands' });
  expect(within(dialog).getByRole('button', { name: /Go to the map/ })).toBeDefined();
  expect(within(dialog).getByRole('button', { name: 'Settings' })).toBeDefined();
  expect(within(dialog).queryByRole('button', { name: /Everything one can do/ })).toBeNull();
  const field = within(dialog).getByLabelText('What do you want to do?');
  fireEvent.keyDown(field, { key: 'ArrowDown' });
  fireEvent.change(field, { target: { value: 'sourc' } });
  expect(within(dialog).getByRole('status').textContent).toBe('1 command');
  fireEvent.submit(field);
  await waitFor(() => expect(router.state.location.pathname).toBe(`/t/${TREE}/sources`));
  expect(screen.queryByRole('dialog', { name: 'Commands' })).toBeNull();
  stop();
});

test('models: the registry, found by words and by kind of task', async () => {
  await open('/models');
  const table = await screen.findByRole('region', { name: 'Registry' });
  expect(within(table).getByText('22 GB')).toBeDefined();
  fireEvent.change(screen.getByLabelText('Find a model'), { target: { value: 'SMALL' } });
  expect(screen.getByText('1 model')).toBeDefined();
  fireEvent.change(screen.getByLabelText('Kind of task'), { target: { value: 'math' } });
  expect(screen.getByText('No model fits')).toBeDefined();
});

test('models: who would do it and why; the question stands in the address, and choosing writes it down', async () => {
  const { asked, router } = await open('/models/choose');
  fireEvent.change(await screen.findByLabelText('Kind of task'), { target: { value: 'code' } });
  fireEvent.change(screen.getByLabelText('GPU memory at most (MB)'), { target: { value: '8192' } });
  fireEvent.click(screen.getByRole('button', { name: 'Explain' }));
  await waitFor(() => expect(router.state.location.search).toMatchObject({ category: 'code', method: 'multi', memory: 8192 }));
  expect(await screen.findByText('needs more memory than allowed')).toBeDefined();
  expect(asked.some(({ method, url }) => method === 'GET' && url.endsWith('/models/select?category=code&method=multi&maxGpuMemoryMb=8192'))).toBe(true);
  expect(asked.some(({ method }) => method === 'POST')).toBe(false);
  fireEvent.click(screen.getByRole('button', { name: 'Choose it and write it down' }));
  expect(await screen.findByText('Written into the metrics.')).toBeDefined();
});

test('models: statistics as picture and as table', async () => {
  await open('/models/statistics');
  expect(await screen.findByText('45 requests')).toBeDefined();
  expect(screen.getByText('1 line could not be read and was left out.')).toBeDefined();
  expect(screen.getByText(/rising · jumped on .* from 12 to 25/)).toBeDefined();
  expect(within(screen.getByRole('region', { name: 'Duration over time' })).getAllByRole('row')).toHaveLength(4);
});

const showsTheLiveState = async () => {
  expect(await screen.findByText('Invented GPU')).toBeDefined();
  expect(screen.getByText('Hot')).toBeDefined();
  expect(screen.getByText('Throttled: thermal')).toBeDefined();
  expect(screen.getByText('GPU 0 Invented GPU is HOT')).toBeDefined();
  expect(within(screen.getByRole('region', { name: 'The last twenty' })).getByText('small-reader')).toBeDefined();
};

test('models: live, over a WebSocket', async () => {
  sayOverSocket({ event: 'state', data: { ...liveState, selections: [] } }, { event: 'selection', data: liveState.selections[0] });
  await open('/models/live');
  await showsTheLiveState();
});

test('models: live, from the stream where no socket opens', async () => {
  await open('/models/live', answer, `event: state\ndata: ${JSON.stringify(liveState)}\n\n`);
  await showsTheLiveState();
});

test('models: a server without a registry says what to do', async () => {
  await open('/models', (method, url) => (url.includes('/models') ? answer(method, '/api/v1/nothing') : answer(method, url)));
  expect(await screen.findByText('There is no registry of models here')).toBeDefined();
});

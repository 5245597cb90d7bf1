import { expect, test } from 'vitest';
import { type Command, findCommands } from './commands.ts';

const commands: Command[] = ['Go to the map', 'Map', 'Maandishi', 'Médias'].map((text) => ({ id: text, text, run: () => undefined }));
const found = (query: string) => findCommands(commands, query).map((command) => command.text);

test('without words everything, in its order', () => expect(found('  ')).toEqual(['Go to the map', 'Map', 'Maandishi', 'Médias']));
test('what begins with the words comes first', () => expect(found('map')).toEqual(['Map', 'Go to the map']));
test('every word has to be there, in any order', () => {
  expect(found('map go')).toEqual(['Go to the map']);
  expect(found('map zz')).toEqual([]);
});
test('case and accents do not matter', () => expect(found('MEDIAS')).toEqual(['Médias']));

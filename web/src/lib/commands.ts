/** The list behind Ctrl K: everything that one can go to or do from where one is. */
export interface Command {
  id: string;
  text: string;
  /** Its shortcut, if it has one: `g p`. */
  keys?: string;
  run(): void;
}

const folded = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** The commands that have every word of `query`, those first whose text begins with it. The order is kept otherwise. */
export function findCommands(commands: readonly Command[], query: string): Command[] {
  const words = folded(query).split(/\s+/).filter(Boolean);
  const found = commands.filter((command) => words.every((word) => folded(command.text).includes(word)));
  const begins = (command: Command) => folded(command.text).startsWith(words.join(' '));
  return [...found.filter(begins), ...found.filter((command) => !begins(command))];
}

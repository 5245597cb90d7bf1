/** What every page needs comes as one file: the bundler would make some thirty of what pages share with the shell, each with a request of its own. */

/** As much of the bundler's context as is needed here. */
interface Modules {
  getModuleInfo(id: string): { importedIds: readonly string[] } | null;
}

/** The name of the chunk for a module: "shell" for `entry` and all that it imports at once, none for the others. */
export function withShell(entry: string): (id: string, modules: Modules) => string | null {
  let shell: Set<string> | undefined;
  return (id, modules) => {
    shell ??= reachable(entry, modules);
    return shell.has(id) ? 'shell' : null;
  };
}

function reachable(entry: string, modules: Modules): Set<string> {
  const found = new Set([entry]);
  // A set's walk also meets what is added while it lasts.
  for (const id of found) for (const imported of modules.getModuleInfo(id)?.importedIds ?? []) found.add(imported);
  return found;
}

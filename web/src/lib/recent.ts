/** The people looked at last, on this device only. */
const PEOPLE_MAX = 8;

function storageKey(treeId: string): string {
  return `tablinum.recent.${treeId}`;
}

export function recentPeople(treeId: string): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageKey(treeId)) ?? '[]');
    return Array.isArray(stored) ? stored.filter((id) => typeof id === 'string').slice(0, PEOPLE_MAX) : [];
  } catch {
    return [];
  }
}

export function rememberPerson(treeId: string, personId: string) {
  const people = [personId, ...recentPeople(treeId).filter((id) => id !== personId)].slice(0, PEOPLE_MAX);
  try {
    localStorage.setItem(storageKey(treeId), JSON.stringify(people));
  } catch {
    // Storage is refused: there is simply no list.
  }
}

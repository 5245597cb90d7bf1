/** Whether there are packs on this device, without opening their database: what every page loads of them. */
const FLAG = 'tablinum.packs';

export function noteCount(count: number) {
  try {
    if (count > 0) localStorage.setItem(FLAG, String(count));
    else localStorage.removeItem(FLAG);
  } catch {
    // Storage is refused: then there were no packs either.
  }
}

export function mayHavePacks(): boolean {
  try {
    return localStorage.getItem(FLAG) !== null;
  } catch {
    return false;
  }
}

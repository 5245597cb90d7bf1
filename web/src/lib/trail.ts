/** The list a person was opened from, so that `[` and `]` go through it. Lives as long as the page. */

export interface Neighbours {
  previous: string | null;
  next: string | null;
}

let trail: readonly string[] = [];

export function setTrail(ids: readonly string[]) {
  trail = ids;
}

export function neighbours(id: string): Neighbours {
  const at = trail.indexOf(id);
  if (at < 0) return { previous: null, next: null };
  return { previous: trail[at - 1] ?? null, next: trail[at + 1] ?? null };
}

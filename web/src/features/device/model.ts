/** What can be chosen of a pack. */
export const GENERATIONS = [0, 1, 2, 3, 4, 5, 6, 8, 10] as const;
export const DAYS = [7, 30, 90] as const;

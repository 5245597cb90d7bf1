/** What keeps the tree in order: who changed what, and what contradicts itself. */
import { lazy } from 'react';
import { loadTexts } from '../../lib/i18n.ts';

export const RecordHistory = lazy(async () => {
  await loadTexts('keeping');
  return { default: (await import('./components/RecordHistory.tsx')).RecordHistory };
});

/** Changing people and families where they are shown. Loaded when somebody begins to. */
import { lazy } from 'react';
import { loadTexts } from '../../lib/i18n.ts';

const ready = () => loadTexts('editing', 'people');
export const PersonEditor = lazy(async () => (await ready(), { default: (await import('./components/EditRecord.tsx')).PersonEditor }));
export const FamilyEditor = lazy(async () => (await ready(), { default: (await import('./components/EditRecord.tsx')).FamilyEditor }));
export const AddRelative = lazy(async () => (await ready(), { default: (await import('./components/AddRelative.tsx')).AddRelative }));
export const NewPerson = lazy(async () => (await ready(), { default: (await import('./components/AddRelative.tsx')).NewPerson }));
export const DraftNotice = lazy(async () => (await ready(), { default: (await import('./components/DraftNotice.tsx')).DraftNotice }));
export { ADD_KEYS, readTask, RELATIONS, RESUME, type Task } from './task.ts';

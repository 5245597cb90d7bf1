/** What every page needs to show of the archive: people, dates, facts, pictures, and the states of loading. */
export { CitationText } from './components/citation.tsx';
export { DateText, FactLine, NoteText, PlaceText } from './components/facts.tsx';
export { Failed, Loaded, LoadedPages } from './components/loading.tsx';
export { MediaGrid } from './components/media.tsx';
export { Evidence, Face, Life, PersonLink, PersonRow } from './components/person.tsx';
export { factKey, factName, nameOf } from './texts.ts';

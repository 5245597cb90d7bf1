/** What the pages ask for, each with the key under which its answer is kept. Everything of a tree begins with ['tree', id]. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask, filters, type Query } from './client.ts';
import { importsQuery, one, personQuery, statisticsQuery, suggestQuery, treeQuery } from './query.ts';
import type {
  Anchors, ChangeSetDetail, ChangeSetKind, Chart, ChartKind, Checks, Citation, Family, History, Import, ImportMessage, Job, Media, ModelAnalytics, ModelCategories, ModelList, ModelSelection, Page, PersonBrief, PersonFamily, Place,
  PlaceEvent, PlacePoints, PlaceSuggestions, RecordHistory, RecordVersion, Relationship, SearchAnswer, Source, SourceCitation, Timeline, Tree,
} from './types.ts';

function pages<T>(key: readonly unknown[], path: string, query: Query) {
  return infiniteQueryOptions({
    queryKey: [...key, query],
    queryFn: ({ pageParam, signal }) => ask<Page<T>>(path, { query: { ...query, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

export { filters, importsQuery, personQuery, statisticsQuery, suggestQuery, treeQuery };
export const treesQuery = () => one<Page<Tree>>(['trees'], '/trees');

export const personsPage = (t: string, query: Query) => one<Page<PersonBrief>>(['tree', t, 'persons'], `/trees/${t}/persons`, query);
export const anchorsQuery = (t: string, query: Query) => one<Anchors>(['tree', t, 'anchors'], `/trees/${t}/persons/anchors`, query);

export const familyOfQuery = (t: string, id: string) => one<PersonFamily>(['tree', t, 'person', id, 'family'], `/persons/${id}/family`);
export const timelineQuery = (t: string, id: string) => one<Timeline>(['tree', t, 'person', id, 'timeline'], `/persons/${id}/timeline`);
export const citationsPages = (t: string, id: string) =>
  pages<Citation>(['tree', t, 'person', id, 'citations'], `/persons/${id}/citations`, {});
export const personMediaPages = (t: string, id: string) => pages<Media>(['tree', t, 'person', id, 'media'], `/persons/${id}/media`, {});
export const unionQuery = (t: string, id: string) => one<Family>(['tree', t, 'family', id], `/families/${id}`);
export const relationshipQuery = (t: string, a: string, b: string, lines: 'closest' | 'all') =>
  one<Relationship>(['tree', t, 'relationship', a, b], `/persons/${a}/relationship-to/${b}`, { lines });

export interface ChartView {
  kind: ChartKind;
  root: string;
  up: number;
  down: number;
  /** People whose parents, or children, are folded away. */
  hideAbove: readonly string[];
  hideBelow: readonly string[];
  /** Of a path: to whom. */
  other?: string | undefined;
  /** Of relatives and everyone: at most so many. */
  people?: number | undefined;
  /** Of a map's picture: up to which year. The page has all years and chooses itself. */
  until?: number | undefined;
}
/** The question for a chart. */
export const chartAsked = ({ root, up, down, hideAbove, hideBelow, other, people }: ChartView): Query =>
  ({ root, up, down, hideAbove: hideAbove.join(','), hideBelow: hideBelow.join(','), other, people });
/** And for its picture. */
export const pictureAsked = (view: ChartView): Query => ({ ...chartAsked(view), until: view.until });
export const chartQuery = (t: string, view: ChartView) =>
  queryOptions({ ...one<Chart>(['tree', t, 'chart', view.kind], `/trees/${t}/charts/${view.kind}`, chartAsked(view)), placeholderData: keepPreviousData });

export const searchPages = (t: string, query: Query) =>
  infiniteQueryOptions({
    queryKey: ['tree', t, 'search', query],
    queryFn: ({ pageParam, signal }) => ask<SearchAnswer>('/search', { query: { treeId: t, ...query, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });

/** People by name, in any spelling. */
export const findPeopleQuery = (t: string, q: string) =>
  queryOptions({ ...one<SearchAnswer>(['tree', t, 'find-people'], '/search', { treeId: t, q, type: 'person', limit: 8 }), placeholderData: keepPreviousData });

export const placesPages = (t: string, query: Query) => pages<Place>(['tree', t, 'places'], `/trees/${t}/places`, query);
export const pointsQuery = (t: string) => one<PlacePoints>(['tree', t, 'points'], `/trees/${t}/places/points`);
export const placeQuery = (t: string, id: string) => one<Place>(['tree', t, 'place', id], `/places/${id}`);
export const placeEventsPages = (t: string, id: string) => pages<PlaceEvent>(['tree', t, 'place', id, 'events'], `/places/${id}/events`, {});
export const mediaPages = (t: string, query: Query) => pages<Media>(['tree', t, 'media'], `/trees/${t}/media`, query);
export const mediumQuery = (t: string, id: string) => one<Media>(['tree', t, 'medium', id], `/media/${id}`);
export const sourcesPages = (t: string, query: Query) => pages<Source>(['tree', t, 'sources'], `/trees/${t}/sources`, query);
export const sourceQuery = (t: string, id: string) => one<Source>(['tree', t, 'source', id], `/sources/${id}`);
export const sourceCitationsPages = (t: string, id: string) =>
  pages<SourceCitation>(['tree', t, 'source', id, 'citations'], `/sources/${id}/citations`, {});

export const importQuery = (t: string, id: string) => one<Import>(['tree', t, 'import', id], `/imports/${id}`);
export const importMessagesPages = (t: string, id: string, code: string) =>
  pages<ImportMessage>(['tree', t, 'import', id, 'messages'], `/imports/${id}/messages`, { code });
export const jobQuery = (id: string) => one<Job>(['job', id], `/jobs/${id}`);
export const modelsQuery = () => one<ModelList>(['models'], '/models');
export const modelCategoriesQuery = () => one<ModelCategories>(['models', 'categories'], '/models/categories');
export const selectionQuery = (query: Query) => one<ModelSelection>(['models', 'select'], '/models/select', query);
export const modelAnalyticsQuery = (by: 'hour' | 'day') => one<ModelAnalytics>(['models', 'analytics'], '/models/analytics', { by });

export const suggestPlacesQuery = (t: string, q: string) =>
  queryOptions({ ...one<PlaceSuggestions>(['tree', t, 'suggest-places'], `/trees/${t}/places/suggest`, { q }), placeholderData: keepPreviousData });
/** All citations of a record at once: 200 are the most that one answer has. */
export const allCitationsQuery = (t: string, kind: 'persons' | 'families', id: string) =>
  one<Page<Citation>>(['tree', t, kind, id, 'all-citations'], `/${kind}/${id}/citations`, { limit: 200 });
/** Days as the reader's calendar has them. */
export interface HistoryAsked {
  kind?: ChangeSetKind | undefined;
  person?: string | undefined;
  from?: string | undefined;
  until?: string | undefined;
}
const moment = (day: string, time: string) => new Date(`${day}T${time}`).toISOString();
export const historyPages = (t: string, { kind, person, from, until }: HistoryAsked) =>
  infiniteQueryOptions({
    queryKey: ['tree', t, 'history', kind, person, from, until],
    queryFn: ({ pageParam, signal }) => {
      const time = from || until ? `${from ? moment(from, '00:00:00') : ''}..${until ? moment(until, '23:59:59') : ''}` : undefined;
      return ask<History>(`/trees/${t}/history`, { query: { ...filters({ kind, record: person, time }), cursor: pageParam }, signal });
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });
export const changeSetQuery = (t: string, id: string) => one<ChangeSetDetail>(['tree', t, 'change-set', id], `/changesets/${id}`);
export const recordHistoryQuery = (t: string, id: string) => one<RecordHistory>(['tree', t, 'record', id, 'history'], `/records/${id}/history`);
export const recordVersionQuery = (t: string, id: string, version: number) =>
  one<RecordVersion>(['tree', t, 'record', id, 'version', version], `/records/${id}/versions/${version}`);
export const checksPages = (t: string, code: string | undefined, right: boolean) =>
  infiniteQueryOptions({
    queryKey: ['tree', t, 'checks', code, right],
    queryFn: ({ pageParam, signal }) =>
      ask<Checks>(`/trees/${t}/checks`, { query: { 'filter[code]': code, 'filter[right]': right, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });

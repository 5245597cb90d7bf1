import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import * as v from 'valibot';
import { importsQuery, personQuery, statisticsQuery, treeQuery } from '../api/query.ts';
import { chartSearch } from '../features/charts/model.ts';
import { sheetSearch } from '../features/editing/search.ts';
import { historySearch } from '../features/keeping/model/search.ts';
import { mediaSearch } from '../features/media/model.ts';
import { modelsSearch } from '../features/models/model.ts';
import { peopleSearch } from '../features/people/model/filter.ts';
import { searchSearch } from '../features/search/model.ts';
import { loadTexts } from '../lib/i18n.ts';
import { NotFound, RouteFailure } from './errors.tsx';
import { client } from './questions.ts';
import { Shell } from './Shell.tsx';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const start = createRoute({
  getParentRoute: () => root,
  path: '/',
  loader: () => loadTexts('home'),
  component: lazyRouteComponent(() => import('./pages.tsx'), 'FirstTree'),
});
const trees = createRoute({
  getParentRoute: () => root,
  path: '/trees',
  loader: () => loadTexts('home'),
  component: lazyRouteComponent(() => import('./pages.tsx'), 'ChooseTree'),
});
/** Addresses of the reference's pages. */
const aliases = ['/family-tree', '/dashboard', '/app', '/welcome'].map((path) =>
  createRoute({ getParentRoute: () => root, path, beforeLoad: () => { throw redirect({ to: '/' }); } }));
const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  loader: () => loadTexts('settings', 'device'),
  component: lazyRouteComponent(() => import('../features/settings/routes/SettingsPage.tsx'), 'SettingsPage'),
});

const models = createRoute({
  getParentRoute: () => root,
  path: '/models/{-$part}',
  validateSearch: (search) => v.parse(modelsSearch, search),
  loader: () => loadTexts('models'),
  component: lazyRouteComponent(() => import('../features/models/routes/ModelsPage.tsx'), 'ModelsPage'),
});

// What a page will ask is asked while the page itself is fetched; it shows the answer, or what went wrong.
const tree = createRoute({
  getParentRoute: () => root,
  path: '/t/$tree',
  loader: ({ params }) => void client.prefetchQuery(treeQuery(params.tree)),
});
const home = createRoute({
  getParentRoute: () => tree,
  path: '/',
  loader: ({ params }) => {
    void client.prefetchQuery(statisticsQuery(params.tree));
    void client.prefetchQuery(importsQuery(params.tree));
    return loadTexts('home');
  },
  component: lazyRouteComponent(() => import('../features/home/routes/HomePage.tsx'), 'HomePage'),
});
const people = createRoute({
  getParentRoute: () => tree,
  path: '/people',
  validateSearch: (search) => v.parse(peopleSearch, search),
  loader: () => loadTexts('people'),
  component: lazyRouteComponent(() => import('../features/people/routes/PeoplePage.tsx'), 'PeoplePage'),
});
const person = createRoute({
  getParentRoute: () => tree,
  path: '/people/$id/{-$tab}',
  loader: ({ params }) => {
    void client.prefetchQuery(personQuery(params.tree, params.id));
    return loadTexts('people');
  },
  component: lazyRouteComponent(() => import('../features/people/routes/PersonPage.tsx'), 'PersonPage'),
});
const family = createRoute({
  getParentRoute: () => tree,
  path: '/families/$id',
  loader: () => loadTexts('people'),
  component: lazyRouteComponent(() => import('../features/people/routes/FamilyPage.tsx'), 'FamilyPage'),
});
const id = v.fallback(v.optional(v.pipe(v.string(), v.maxLength(64))), undefined);
const relationshipSearch = v.object({ a: id, b: id });
const relationship = createRoute({
  getParentRoute: () => tree,
  path: '/relationship',
  validateSearch: (search) => v.parse(relationshipSearch, search),
  loader: () => loadTexts('people'),
  component: lazyRouteComponent(() => import('../features/people/routes/RelationshipPage.tsx'), 'RelationshipPage'),
});
const charts = createRoute({
  getParentRoute: () => tree,
  path: '/charts',
  loader: () => loadTexts('charts'),
  component: lazyRouteComponent(() => import('../features/charts/routes/ChartsPage.tsx'), 'ChartsPage'),
});
const chart = createRoute({
  getParentRoute: () => tree,
  path: '/charts/$kind/$person',
  validateSearch: (search) => v.parse(chartSearch, search),
  loader: () => loadTexts('charts'),
  component: lazyRouteComponent(() => import('../features/charts/routes/ChartPage.tsx'), 'ChartPage'),
});
const search = createRoute({
  getParentRoute: () => tree,
  path: '/search',
  validateSearch: (values) => v.parse(searchSearch, values),
  loader: () => loadTexts('search'),
  component: lazyRouteComponent(() => import('../features/search/routes/SearchPage.tsx'), 'SearchPage'),
});
const places = createRoute({
  getParentRoute: () => tree,
  path: '/places',
  loader: () => loadTexts('places'),
  component: lazyRouteComponent(() => import('../features/places/routes/PlacesPage.tsx'), 'PlacesPage'),
});
const place = createRoute({
  getParentRoute: () => tree,
  path: '/places/$id',
  loader: () => loadTexts('places'),
  component: lazyRouteComponent(() => import('../features/places/routes/PlacePage.tsx'), 'PlacePage'),
});
const map = createRoute({
  getParentRoute: () => tree,
  path: '/map',
  loader: () => loadTexts('places'),
  component: lazyRouteComponent(() => import('../features/places/routes/MapPage.tsx'), 'MapPage'),
});
const media = createRoute({
  getParentRoute: () => tree,
  path: '/media',
  validateSearch: (values) => v.parse(mediaSearch, values),
  loader: () => loadTexts('media'),
  component: lazyRouteComponent(() => import('../features/media/routes/MediaPage.tsx'), 'MediaPage'),
});
const medium = createRoute({
  getParentRoute: () => tree,
  path: '/media/$id',
  loader: () => loadTexts('media'),
  component: lazyRouteComponent(() => import('../features/media/routes/MediumPage.tsx'), 'MediumPage'),
});
const sources = createRoute({
  getParentRoute: () => tree,
  path: '/sources',
  loader: () => loadTexts('sources'),
  component: lazyRouteComponent(() => import('../features/sources/routes/SourcesPage.tsx'), 'SourcesPage'),
});
const source = createRoute({
  getParentRoute: () => tree,
  path: '/sources/$id',
  loader: () => loadTexts('sources'),
  component: lazyRouteComponent(() => import('../features/sources/routes/SourcePage.tsx'), 'SourcePage'),
});
const importing = createRoute({
  getParentRoute: () => tree,
  path: '/import',
  loader: () => loadTexts('import'),
  component: lazyRouteComponent(() => import('../features/import/routes/ImportPage.tsx'), 'ImportPage'),
});
const report = createRoute({
  getParentRoute: () => tree,
  path: '/import/$id',
  loader: () => loadTexts('import'),
  component: lazyRouteComponent(() => import('../features/import/routes/ReportPage.tsx'), 'ReportPage'),
});
const exporting = createRoute({
  getParentRoute: () => tree,
  path: '/export',
  loader: () => loadTexts('import'),
  component: lazyRouteComponent(() => import('../features/import/routes/ExportPage.tsx'), 'ExportPage'),
});

const sheet = createRoute({
  getParentRoute: () => tree,
  path: '/sheet/new',
  validateSearch: (values) => v.parse(sheetSearch, values),
  loader: () => loadTexts('sheet', 'editing'),
  component: lazyRouteComponent(() => import('../features/editing/routes/SheetPage.tsx'), 'SheetPage'),
});
const history = createRoute({
  getParentRoute: () => tree,
  path: '/history',
  validateSearch: (values) => v.parse(historySearch, values),
  loader: () => loadTexts('keeping'),
  component: lazyRouteComponent(() => import('../features/keeping/routes/HistoryPage.tsx'), 'HistoryPage'),
});
const checks = createRoute({
  getParentRoute: () => tree,
  path: '/checks',
  loader: () => loadTexts('keeping'),
  component: lazyRouteComponent(() => import('../features/keeping/routes/ChecksPage.tsx'), 'ChecksPage'),
});

const keepSearch = v.object({ person: id });
const keep = createRoute({
  getParentRoute: () => tree,
  path: '/keep',
  validateSearch: (values) => v.parse(keepSearch, values),
  loader: () => loadTexts('device'),
  component: lazyRouteComponent(() => import('../features/device/routes/KeepPage.tsx'), 'KeepPage'),
});

export const routeTree = root.addChildren([
  start, trees, settings, models, ...aliases,
  tree.addChildren([
    home, people, person, family, relationship, charts, chart, search, places, place, map, media, medium, sources, source, importing,
    report, exporting, sheet, history, checks, keep,
  ]),
]);

export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
  defaultErrorComponent: RouteFailure,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

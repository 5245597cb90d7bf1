/** Texts: a namespace for each feature, loaded with its route. English stands in for nothing: every language has every key. */
import { createInstance, type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import type charts from '../locales/en/charts.json';
import type common from '../locales/en/common.json';
import type device from '../locales/en/device.json';
import type editing from '../locales/en/editing.json';
import type home from '../locales/en/home.json';
import type importing from '../locales/en/import.json';
import type keeping from '../locales/en/keeping.json';
import type media from '../locales/en/media.json';
import type models from '../locales/en/models.json';
import type people from '../locales/en/people.json';
import type places from '../locales/en/places.json';
import type search from '../locales/en/search.json';
import type settingsTexts from '../locales/en/settings.json';
import type sheet from '../locales/en/sheet.json';
import type sources from '../locales/en/sources.json';
import type windowTexts from '../locales/en/window.json';
import { directionOf } from './direction.ts';
import type { Settings } from './settings.ts';

interface Resources {
  charts: typeof charts;
  common: typeof common;
  device: typeof device;
  editing: typeof editing;
  home: typeof home;
  import: typeof importing;
  keeping: typeof keeping;
  media: typeof media;
  models: typeof models;
  people: typeof people;
  places: typeof places;
  search: typeof search;
  settings: typeof settingsTexts;
  sheet: typeof sheet;
  sources: typeof sources;
  window: typeof windowTexts;
}
export type Namespace = keyof Resources;

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: Resources;
    returnNull: false;
  }
}

const english = import.meta.glob<{ default: Record<string, unknown> }>('../locales/en/*.json');

export const texts: i18n = createInstance();

const isolated = (value: string) => `\u2068${value}\u2069`; // first strong isolate … pop directional isolate

export async function startTexts(language: Settings['language']) {
  await texts.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    ns: ['common'],
    defaultNS: 'common',
    resources: {},
    // React escapes. In a text that runs from the right, what is put in keeps its own direction: a Latin name does not turn its neighbours round.
    interpolation: { escapeValue: true, escape: (value) => (directionOf(texts.language as Settings['language']) === 'rtl' ? isolated(value) : value) },
    react: { useSuspense: false },
  });
  await loadTexts('common');
}

const wanted = new Set<Namespace>();

async function load(language: string, namespace: Namespace) {
  if (texts.hasResourceBundle(language, namespace)) return;
  const files = language === 'en' ? english : (await import('./translations.ts')).translations;
  const file = await files[`../locales/${language}/${namespace}.json`]!();
  texts.addResourceBundle(language, namespace, file.default);
}

/** To be awaited by the loader of each route that shows texts of that namespace. */
export async function loadTexts(...namespaces: Namespace[]) {
  for (const namespace of namespaces) wanted.add(namespace);
  await Promise.all(namespaces.map((namespace) => load(texts.language, namespace)));
}

export async function changeLanguage(language: Settings['language']) {
  await Promise.all([...wanted].map((namespace) => load(language, namespace)));
  await texts.changeLanguage(language);
}

/**
 * Every request and answer of `/api/v1` that the pages use (round one: reading, search, charts, imports, exports, jobs).
 *
 * Conventions, valid for all of them:
 * - Paths in the comments are below `/api/v1`. JSON is camelCase. Ids are UUID text, times RFC 3339 in UTC.
 * - A member that does not apply is `null` (never absent), unless it is marked `?`.
 * - Errors are RFC 9457 `application/problem+json`: see Problem. Not visible and not there are the same 404.
 * - Lists are `Page<T>`: `limit` 1…200 (default 50), `cursor` opaque; `total` counts the visible rows only and is exact.
 * - Records answer with `ETag: "v17"` (their version), lists with a weak ETag of the tree's version.
 * - v1 only gains members. Readers ignore what they do not know.
 */

export type Uuid = string;
/** RFC 3339, UTC: `2026-05-03T14:02:00Z`. */
export type Timestamp = string;
/** BCP 47: `en`, `sn`, `nd`. */
export type LanguageTag = string;
/** A path on our own origin, beginning with `/`, usable as `src` or `href` as it is. */
export type LocalUrl = string;

export interface Page<T> {
  items: T[];
  total: number;
  /** Give it back as `cursor=`; null on the last page. */
  nextCursor: string | null;
}

/** The body of every answer with status 400 or above. */
export interface Problem {
  type: string;
  /** Stable; translated by the client: `not_found`, `validation`, `too_large`, `version_conflict`, `unavailable`, … */
  code: string;
  title: string;
  status: number;
  detail: string;
  requestId: string;
  /** 422 only. */
  errors?: FieldError[];
}

/** What a refused change says beyond a Problem: 412 `version_conflict`, 409 `cycle`, `in_use`, `later_changes`, `missing_record`. */
export interface ChangeProblem extends Problem {
  recordId?: Uuid;
  /** Number of the operation, from 0. */
  operation?: number;
  /** 412: the record as it is now, and what If-Match takes. */
  current?: Person | { id: Uuid; kind: string; version: number };
  currentEtag?: string;
  path?: { id: Uuid; name: string }[];
  fields?: string[];
}

export interface FieldError {
  field: string;
  message: string;
  type: string;
  /** RFC 6901 pointer into the request body, or the parameter's name. */
  pointer: string;
}

/** GET /version */
export interface VersionInfo {
  name: string;
  version: string;
}

// ── Trees ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** GET /trees → Page<Tree>; GET /trees/{t}; POST /trees (NewTree) → 201 Tree */
export interface Tree {
  id: Uuid;
  name: string;
  description: string;
  /** Rises with each change in the tree; also the weak ETag of its lists. */
  version: number;
  persons: number;
  families: number;
  /** The person charts begin with: the file's choice, else the one with the most relatives. Null in an empty tree. */
  homePersonId: Uuid | null;
  createdAt: Timestamp;
  updatedAt: Timestamp;
}

export interface NewTree {
  name: string;
  description?: string;
}

/** GET /trees/{t}/statistics */
export interface TreeStatistics {
  persons: number;
  namedPersons: number;
  livingPersons: number;
  families: number;
  events: number;
  places: number;
  sources: number;
  citations: number;
  repositories: number;
  media: number;
  notes: number;
  /** Longest line from an ancestor to a descendant, in people. */
  generations: number;
  earliestYear: number | null;
  latestYear: number | null;
  /** At most 20, most frequent first. */
  surnames: NamedCount[];
  /** At most 20, most frequent first; `id` is the place's. */
  topPlaces: NamedCount[];
  /** Births and deaths by decade, ascending, decades without any left out. */
  decades: { decade: number; births: number; deaths: number }[];
  /** Persons with at least one fact by quality of its best citation; index 0…3, and `none` for those without a citation. */
  evidence: { none: number; byQuality: [number, number, number, number] };
}

export interface NamedCount {
  id: Uuid | null;
  name: string;
  count: number;
}

// ── Values ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export type Sex = 'F' | 'M' | 'X' | 'U';

export type DateKind =
  | 'exact' // a day, month or year
  | 'about' // ABT, CAL, EST
  | 'before'
  | 'after'
  | 'between' // BET … AND
  | 'period' // FROM … TO, one end may be open
  | 'text'; // a phrase, or not understood: from and to are null

export type Calendar = 'gregorian' | 'julian' | 'hebrew' | 'french-republican';

export interface DateValue {
  /** As it was written. */
  original: string;
  kind: DateKind;
  /** First and last day it can mean, in the proleptic Gregorian calendar: `1902-05-03`, `-0043-03-15` (astronomical year). */
  from: string | null;
  to: string | null;
  calendar: Calendar;
  /** How exactly it was stated; `about 1850` has precision `year`. */
  precision: 'day' | 'month' | 'year' | 'none';
}

/** Place as it stands in a fact; `id` leads to GET /places/{id}. */
export interface PlaceRef {
  id: Uuid | null;
  text: string;
}

/** GEDCOM 7 QUAY: 0 unreliable … 3 direct and primary. */
export type Quality = 0 | 1 | 2 | 3;

/** Short form of a birth or death for lists. */
export interface VitalBrief {
  date: DateValue | null;
  place: PlaceRef | null;
}

/** A person in one line: lists, family, search hits, paths. */
export interface PersonBrief {
  id: Uuid;
  treeId: Uuid;
  /** Preferred name in reading order, without slashes; empty when no name is known. */
  name: string;
  given: string;
  surname: string;
  sex: Sex;
  living: boolean;
  /** True: a living person the reader may not see. Name is empty, birth and death are null; say "Living person". */
  hidden: boolean;
  birth: VitalBrief | null;
  death: VitalBrief | null;
  /** Best citation quality among the birth and death facts, null when neither is cited. */
  quality: Quality | null;
  /** 128 px square, or null. */
  portraitUrl: LocalUrl | null;
}

// ── Persons ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * GET /trees/{t}/persons?sort&filter[…]&limit&cursor → Page<PersonBrief>
 *
 * sort:   `surname` (default), `given`, `birth`, `death`, `changed`; a leading `-` turns the order round; comma separates keys.
 * filter: `filter[birth]=1850..1900`, `filter[death]=..1900`, `filter[surname]=Moyo`, `filter[surname]~=moyo` (sounds like),
 *         `filter[place]=id:…`, `filter[living]=true|false`, `filter[sex]=F`. Another field is a 422.
 */
export interface PersonListQuery {
  sort?: string;
  filter?: Record<string, string>;
  limit?: number;
  cursor?: string;
}

/** GET /trees/{t}/persons/anchors?sort&filter[…]: where a long list can be entered. */
export interface Anchors {
  total: number;
  /** Rows between two anchors: 500. */
  step: number;
  /** Row 0, 500, 1000, … */
  anchors: { row: number; label: string; cursor: string | null }[];
  /** First row of each initial of the sort key, in list order; empty when the key is not a name. */
  initials: { initial: string; row: number; cursor: string | null }[];
}

/** GET /persons/{id}?include=family */
export interface Person {
  id: Uuid;
  version: number;
  treeId: Uuid;
  brief: PersonBrief;
  /** Preferred first. */
  names: PersonName[];
  sex: Sex;
  living: boolean;
  /** The user's own word; null leaves it to the rule. */
  livingStated: boolean | null;
  /** In the order of the life; facts of the same type stand together, the preferred one first. */
  facts: Fact[];
  portrait: MediaRef | null;
  /** Number of notes, media, citations: what the tabs show before they are opened. */
  counts: { citations: number; media: number; notes: number; events: number };
  notes: Note[];
  /** "your great-aunt": relation to the tree's home person, in the language asked for; null when it is not known or is self. */
  relationToHome: { personId: Uuid; name: string; words: string } | null;
  /** Names of the members that were left out because of privacy; empty when nothing was. */
  redacted: string[];
  changedAt: Timestamp | null;
  /** Present when `include` names it. */
  family?: PersonFamily;
}

export interface PersonName {
  id: string;
  /** birth, married, maiden, aka, immigrant, professional, religious, other; a phrase is in `phrase`. */
  kind: string;
  phrase: string | null;
  /** In reading order, without slashes. */
  text: string;
  prefix: string;
  given: string;
  nickname: string;
  surnamePrefix: string;
  surname: string;
  suffix: string;
  lang: LanguageTag | null;
  /** Romanised and other scripts of this name. */
  variants: { text: string; lang: LanguageTag | null; kind: string }[];
  citations: number;
}

/** An event or attribute of a person or a family. */
export interface Fact {
  /** Stable inside the archive; also the anchor of the page. */
  id: string;
  /** GEDCOM tag: `BIRT`, `OCCU`, `MARR`, `EVEN`, `_LOBOLA`, … */
  type: string;
  /** TYPE's text, for EVEN, FACT and where one stands. */
  typeText: string | null;
  /** The line's value: occupation, title, clan, … */
  value: string;
  date: DateValue | null;
  place: PlaceRef | null;
  cause: string | null;
  /** AGE as written; the reader computes one from the birth where it is null. */
  age: string | null;
  /** Best quality among its citations; null without citation. */
  quality: Quality | null;
  citations: number;
  notes: Note[];
  /** The family whose fact it is (marriage, divorce), with the other partner; null for the person's own. */
  familyId: Uuid | null;
  partner: PersonBrief | null;
  /** False: another fact of the same type is preferred and this one says something else. */
  preferred: boolean;
}

export interface Note {
  id: Uuid | null;
  /** Of the record it is read with: what setNote and remove take. Null where it cannot be named. */
  part: string | null;
  text: string;
  lang: LanguageTag | null;
  /** `text/plain` or `text/html` (GEDCOM 7); HTML is shown as text. */
  mime: string;
}

export type Pedigree =
  | 'birth' | 'adopted' | 'foster' | 'sealing' | 'step' | 'guardian' | 'surrogate' | 'donor' | 'other' | 'unknown';

/** GET /persons/{id}/family */
export interface PersonFamily {
  /** Families the person is a child of, the primary one first. */
  parentFamilies: ParentFamily[];
  /** Families the person is a partner of, in order of time. */
  unions: Union[];
}

export interface ParentFamily {
  familyId: Uuid;
  pedigree: Pedigree;
  primary: boolean;
  /** 0…2, in the file's order. */
  partners: PersonBrief[];
  union: UnionFacts;
  /** Children of that family in order, the person among them. */
  children: ChildRef[];
  /** Children that one of the partners has in other families. */
  halfSiblings: { partnerId: Uuid; children: ChildRef[] }[];
}

export interface Union {
  familyId: Uuid;
  /** Null: the other partner is not known. */
  partner: PersonBrief | null;
  union: UnionFacts;
  children: ChildRef[];
}

export interface UnionFacts {
  /** married, customary, civil, religious, divorced, partners, unknown. */
  status: string;
  marriage: VitalBrief | null;
  divorce: VitalBrief | null;
  facts: Fact[];
}

export interface ChildRef {
  person: PersonBrief;
  pedigree: Pedigree;
}

/** GET /families/{id} */
export interface Family {
  id: Uuid;
  version: number;
  treeId: Uuid;
  partners: PersonBrief[];
  union: UnionFacts;
  children: ChildRef[];
  notes: Note[];
}

/** GET /persons/{id}/timeline → { items: TimelineEntry[] }, in order of time, undated ones last. */
export interface Timeline {
  items: TimelineEntry[];
}

export interface TimelineEntry {
  fact: Fact;
  /** self, or whose event it is. */
  relation: 'self' | 'father' | 'mother' | 'parent' | 'partner' | 'child' | 'sibling';
  /** Null when relation is self. */
  person: PersonBrief | null;
}

/** GET /persons/{id}/events → Page<Fact>: own facts and those of the families, in order of time. */
export type PersonEvents = Page<Fact>;

/** GET /persons/{id}/citations → Page<Citation>, best quality first. */
export interface Citation {
  id: string;
  source: { id: Uuid | null; title: string };
  page: string;
  quality: Quality | null;
  /** The quote from the source. */
  text: string;
  date: DateValue | null;
  /** What it supports: the fact's type, or `NAME`, `INDI`. */
  supports: { factId: string; type: string; typeText: string | null }[];
  media: MediaRef[];
  notes: Note[];
}

// ── Kinship ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** GET /persons/{a}/relationship-to/{b}?lines=closest|all (default closest)&lang: what b is to a. */
export interface Relationship {
  a: PersonBrief;
  b: PersonBrief;
  /** "great-aunt"; null when no relation is known. */
  words: string | null;
  /** False: the words for this language are a draft, or English stands in for it. */
  wordsReviewed: boolean;
  /** Kinship coefficient by birth, 0…0.5 and above with inbreeding. */
  coefficient: number;
  /** Blood lines first, then the closest by marriage. */
  lines: RelationshipLine[];
  /** True: the limit of lines or steps was reached; there may be more. */
  truncated: boolean;
}

export interface RelationshipLine {
  words: string;
  blood: boolean;
  /** Where both chains meet: one person or a couple; empty for a line by marriage. */
  commonAncestors: PersonBrief[];
  /** From a to b, both included; `step` says how one gets there from the one before. */
  path: { person: PersonBrief; step: 'start' | 'parent' | 'child' | 'partner' | 'sibling'; pedigree: Pedigree }[];
}

/** GET /persons/{id}/{ancestors,descendants}?generations=1…100 (default 4) → Page<KinRow>, by generation. */
export interface KinRow {
  person: PersonBrief;
  /** 1: parents or children. */
  generation: number;
  /** Sosa number for ancestors (text: it grows without limit), d'Aboville for descendants (`1.2.1`). */
  number: string;
  pedigree: Pedigree;
}

// ── Charts ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export type ChartKind = 'pedigree' | 'descendants' | 'hourglass' | 'fan' | 'relatives' | 'everyone' | 'path' | 'timeline' | 'map';

/**
 * GET /trees/{t}/charts/{kind}?root&up&down&hideAbove&hideBelow&other&people&until&format=json (or svg, or
 * pdf&paper&tile&scale)
 *
 * Columns, not rows: 10,000 boxes take at most 250 kB compressed. Box b is the b-th entry of each column of `boxes`; union u the
 * u-th of each column of `unions`. Coordinates are whole chart units, y downwards; a unit is a CSS pixel at scale 1. Boxes stand
 * in the reading order of the outline: depth first from the root, a partner right after the person, then their children.
 */
export interface Chart {
  kind: ChartKind;
  treeId: Uuid;
  treeVersion: number;
  rootId: Uuid;
  up: number;
  down: number;
  /** Which way a generation goes: `down` = children below their parents, `right` = ancestors to the right of the root. */
  direction: 'down' | 'right';
  /** The bounding box of all boxes is 0, 0, width, height. */
  width: number;
  height: number;
  /** True: the limit of boxes (10,000) was reached; `hiddenUp` and `hiddenDown` say where more people are. */
  truncated: boolean;
  /** Sizes a box can have; `boxes.size` indexes it. */
  sizes: { width: number; height: number }[];
  /** Tables that `boxes.surname` and `boxes.birthPlace` index. */
  surnames: string[];
  places: string[];
  boxes: {
    person: Uuid[];
    /** Left upper corner. */
    x: number[];
    y: number[];
    size: number[];
    given: string[];
    surname: number[];
    /** Years, 0 when not known (there is no year 0 here: 1 BCE is -1). */
    birth: number[];
    death: number[];
    /** -1 when not known. */
    birthPlace: number[];
    /** One character a box: F, M, X, U. */
    sex: string;
    /** One character a box: `0` dead, `1` living, `h` a hidden living person. */
    living: string;
    /** One character a box: `0`…`3`, `-` without citation (PersonBrief.quality). */
    quality: string;
    /** One character a box: `1` when the birth year is not exact. */
    about: string;
    /** 0 = the root's, positive = ancestors, negative = descendants. */
    generation: number[];
    /** The box from which this one is reached in the outline; -1 for the root. */
    from: number[];
    /** One character a box, how: `r` root, `p` parent of `from`, `c` child of `from`, `s` partner of `from`, `b` sibling. */
    step: string;
    /** Box in which the same person is drawn already, -1 otherwise ("see above": its relatives are not repeated). */
    same: number[];
    /** Relatives that the chart's limits leave out: parents above, children below. */
    hiddenUp: number[];
    hiddenDown: number[];
  };
  unions: {
    /** Boxes of the partners, -1 when one is not drawn. */
    a: number[];
    b: number[];
    /** Where the partners' line and the children's line meet. */
    x: number[];
    y: number[];
    /** y (direction down) or x (direction right) of the bar from which the children hang. */
    bar: number[];
    /** Year of marriage, 0 when not known. */
    year: number[];
    /** One character a union: `1` when it ended by divorce. */
    ended: string;
    /** Children of union u: `child.slice(first[u], first[u + 1])`; first has one entry more than there are unions. */
    first: number[];
    child: number[];
    /** One character a child: `b` birth, `a` adopted, `f` foster, `s` step, `g` guardian, `o` another or unknown. */
    pedigree: string;
  };
  /**
   * Only of a fan, whose people stand in rings of sectors round the root: `boxes.x`, `y` and `size` mean nothing there. Middle of
   * the circles; by box, angles in thousandths of a degree clockwise from the top and radii. The root has the whole of its circle.
   */
  fan?: { x: number; y: number; begin: number[]; end: number[]; inner: number[]; outer: number[] };
  /**
   * Only of a timeline: where each life begins and ends (x, by box; equal: no year is known), `open` as `1` begin, `2` end, `3` both not
   * known, and the years of the scale.
   */
  timeline?: { from: number[]; to: number[]; open: string; ticks: number[]; years: number[] };
  /**
   * Only of a map: where lives went. Stay s is the s-th entry of `box`, `place` (index into `places`) and `year` (0: not known); stays of one
   * box follow each other in the order of the life. `boxes.x` and `y` are of the picture that SVG and PDF show.
   */
  map?: { places: { id: Uuid[]; name: string[]; latitude: number[]; longitude: number[] }; box: number[]; place: number[]; year: number[] };
  /**
   * Only of relatives and of everyone: lines that do not follow from their union's x, y and bar. `box`: the child to which it leads, -1
   * where it joins the partners; `count` points of each stand one after the other in x and y.
   */
  routes?: { union: number[]; box: number[]; count: number[]; x: number[]; y: number[] };
  /** Only boxes with a picture. */
  portraits: { box: number; url: LocalUrl }[];
}

// ── Search ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export type SearchType = 'person' | 'place' | 'source' | 'media' | 'note';

/** GET /search?treeId&q&type=person,place,…&birth=1850..1900&death&place=id:…&limit&cursor */
export interface SearchAnswer {
  items: SearchHit[];
  total: number;
  nextCursor: string | null;
  /** Counted over all hits, not over the page. */
  facets: { types: { type: SearchType; count: number }[]; surnames: NamedCount[]; places: NamedCount[]; decades: { decade: number; count: number }[] };
  /** Other spellings that were searched too: "Mutassa 41 (sounds like)". */
  also: { text: string; match: SearchMatch; count: number }[];
  tookMs: number;
}

export type SearchMatch = 'exact' | 'folded' | 'transliterated' | 'prefix' | 'typo' | 'nickname' | 'phonetic';

export interface SearchHit {
  type: SearchType;
  id: Uuid;
  treeId: Uuid;
  title: string;
  subtitle: string;
  /** Present for type person. */
  person: PersonBrief | null;
  score: number;
  /** The weakest way in which a word of the query was found. */
  match: SearchMatch;
  /** Text in pieces, those that match marked; never markup. */
  highlights: { field: string; parts: { text: string; match: boolean }[] }[];
}

/** GET /search/suggest?treeId&q&limit=1…20 → { items: Suggestion[] } */
export interface Suggestions {
  items: Suggestion[];
}

export interface Suggestion {
  kind: 'person' | 'surname' | 'given' | 'place' | 'source';
  text: string;
  /** Where it leads: person, place or source; null for a name. */
  id: Uuid | null;
  /** For kind person. */
  person: PersonBrief | null;
  count: number;
}

// ── Places, media, sources ───────────────────────────────────────────────────────────────────────────────────────────

/** GET /trees/{t}/places?sort=name|-events&filter[name]=…&filter[parent]=id:…&filter[located]=true → Page<Place>; GET /places/{id} */
export interface Place {
  id: Uuid;
  treeId: Uuid;
  /** Smallest level: "Mutare". */
  name: string;
  /** All levels: "Mutare, Manicaland, Zimbabwe". */
  fullName: string;
  /** From the largest; the place itself is not among them. */
  parents: { id: Uuid; name: string }[];
  latitude: number | null;
  longitude: number | null;
  events: number;
  persons: number;
  /** Places directly inside. */
  children: number;
  /** Other spellings and names of the place in the tree. */
  otherNames: { text: string; lang: LanguageTag | null }[];
}

/** GET /trees/{t}/places/suggest?q&limit=1…20 */
export interface PlaceSuggestions {
  items: PlaceSuggestion[];
}

export interface PlaceSuggestion {
  id: Uuid;
  name: string;
  fullName: string;
  events: number;
}

/** GET /places/{id}/events?limit&cursor → Page<PlaceEvent>, in order of time, of the place and what lies inside. */
export interface PlaceEvent {
  fact: Fact;
  /** The person, or both partners of a family. */
  persons: PersonBrief[];
}

/** GET /trees/{t}/places/points: all located places, as columns. */
export interface PlacePoints {
  id: Uuid[];
  name: string[];
  latitude: number[];
  longitude: number[];
  events: number[];
}

/** What leads to a picture or document. */
export interface MediaRef {
  id: Uuid;
  title: string;
  mime: string;
  /** 256 px on the longer side; null: no picture can be made of it. */
  thumbnailUrl: LocalUrl | null;
  /** Part of the picture that is meant, in its pixels; null: all of it. */
  crop: { top: number; left: number; width: number; height: number } | null;
}

/** GET /trees/{t}/media?sort=title|changed&filter[kind]=photo → Page<Media>; GET /media/{id}; GET /persons/{id}/media → Page<Media> */
export interface Media extends MediaRef {
  treeId: Uuid;
  kind: 'photo' | 'document' | 'audio' | 'video' | 'other';
  /** As named in the file: a path or an address. Shown as text, never followed. */
  fileName: string;
  /** The file itself; null: it did not come with the tree. */
  contentUrl: LocalUrl | null;
  bytes: number | null;
  width: number | null;
  height: number | null;
  date: DateValue | null;
  place: PlaceRef | null;
  notes: Note[];
  /** Who is in it or linked to it, at most 50. */
  persons: PersonBrief[];
}

/** GET /trees/{t}/sources?sort=title|-citations&filter[title]=… → Page<Source>; GET /sources/{id} */
export interface Source {
  id: Uuid;
  treeId: Uuid;
  title: string;
  author: string;
  publication: string;
  abbreviation: string;
  /** The source's own text (transcription). */
  text: string;
  repositories: { id: Uuid; name: string; callNumber: string }[];
  citations: number;
  media: MediaRef[];
  notes: Note[];
}

/** GET /sources/{id}/citations?limit&cursor → Page<SourceCitation> */
export interface SourceCitation {
  citation: Citation;
  /** Whose fact it supports: a person, or both partners of a family. */
  persons: PersonBrief[];
}

// ── Imports, exports, jobs ───────────────────────────────────────────────────────────────────────────────────────────

/**
 * POST /trees/{t}/imports, multipart/form-data, part `gedcomFile` (a .ged or .gdz file with its file name)
 * → 202 Job, `Location: /api/v1/jobs/{id}`; the job's `result` names the import. 409 `conflict`: the tree has records already.
 * POST /imports, the same, makes a tree of its own; a part `treeName` before the file names it, else the file does.
 *
 * GET /trees/{t}/imports → Page<Import>, newest first; GET /imports/{id}
 * DELETE /imports/{id} → 202 Job: takes the whole import back. 409 `conflict` when later changes depend on it.
 */
export interface Import {
  id: Uuid;
  treeId: Uuid;
  jobId: Uuid;
  fileName: string;
  bytes: number;
  state: 'running' | 'done' | 'failed' | 'undone';
  /** Null until the header has been read. */
  format: {
    /** `5.5`, `5.5.1`, `7.0`; what the file says, with the dialect it is kept in. */
    version: string;
    dialect: '5.5.1' | '7.0';
    /** `UTF-8`, `ANSEL`, … as detected. */
    encoding: string;
    gedzip: boolean;
    /** HEAD.SOUR.NAME or HEAD.SOUR, as written. */
    product: string | null;
    language: string | null;
  } | null;
  lines: number;
  counts: ImportCounts;
  /** True: written out again the file has the same structures. Null: not checked yet. */
  lossless: boolean | null;
  /** Most severe first, then by number. */
  groups: ImportGroup[];
  createdAt: Timestamp;
  finishedAt: Timestamp | null;
  /** Why it failed. */
  problem: Problem | null;
}

export interface ImportCounts {
  persons: number;
  families: number;
  events: number;
  sources: number;
  repositories: number;
  media: number;
  notes: number;
  submitters: number;
}

export type Severity = 'error' | 'warning' | 'info';

export interface ImportGroup {
  code: string;
  severity: Severity;
  count: number;
  /** One sentence in the language asked for. */
  title: string;
  /** What was done, and what the reader can do. */
  remedy: string;
  /** Somebody has said that all of them are right as they are. */
  right: CheckJudgement | null;
}

/** GET /imports/{id}/messages?code&severity&limit&cursor → Page<ImportMessage>, by line; `Accept: text/csv` gives all as CSV. */
export interface ImportMessage {
  code: string;
  severity: Severity;
  /** 1 = the first line; 0: about the file as a whole. */
  line: number;
  /** The line as read, at most 200 characters. */
  excerpt: string;
  /** What was found and what was done, in one sentence. */
  text: string;
  /** The record it is about; null where there is none. */
  record: { id: Uuid; type: 'person' | 'family' | 'source' | 'media' | 'repository' | 'note' | 'submitter'; name: string } | null;
}

/** POST /trees/{t}/exports → 202 Job; its `result` has the address. 422 `unsupported`: a version or audience not yet available. */
export interface NewExport {
  /** `original`: each record in the version and with the structures it came in; else converted, without loss. */
  version: 'original' | '5.5.1' | '7.0';
  /** True: a GEDZIP file (.gdz) with the media. */
  media: boolean;
  /** `redacted` leaves out what concerns people who must be taken for living. */
  audience: 'full' | 'redacted';
}

export type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** GET /jobs → Page<Job>, newest first; GET /jobs/{id}; POST /jobs/{id}/cancel → Job */
export interface Job {
  id: Uuid;
  kind: 'import' | 'undo-import' | 'export' | 'rebuild';
  state: JobState;
  treeId: Uuid | null;
  /** What is under way: `read`, `store`, `index`, `verify`, `write`, `rebuild`; shown translated. */
  phase: string | null;
  done: number;
  /** 0: not known yet. */
  total: number;
  unit: 'bytes' | 'records' | 'lines';
  createdAt: Timestamp;
  startedAt: Timestamp | null;
  finishedAt: Timestamp | null;
  result: JobResult | null;
  problem: Problem | null;
}

/** An import names itself as soon as the job exists; an export has its address when it has succeeded. */
export interface JobResult {
  importId: Uuid | null;
  export: { url: LocalUrl; fileName: string; bytes: number } | null;
}

/**
 * GET /stream?topics=job:{id},tree:{id}: Server-Sent Events, resumed by `Last-Event-ID`; a comment line every 15 s.
 * `event: job`  data: Job          (at once, then with each change, at most 5 a second; the last one has a final state)
 * `event: tree` data: TreeChanged  (the tree's lists and charts are out of date)
 */
export interface TreeChanged {
  treeId: Uuid;
  version: number;
}

// ── Dates ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** POST /dates/parse */
export interface DateQuestion {
  text: string;
  lang: LanguageTag;
}

export interface DateReading {
  date: DateValue;
  /** GEDCOM 7 payload, empty when it was not understood. */
  gedcom: string;
  /** Two readings when the order of day and month is open (`3/4/1850`), else empty. */
  choices: DateValue[];
}

// ── Changes, history, checks ─────────────────────────────────────────────────────────────────────────────────────────

/**
 * POST /trees/{t}/changes, header Idempotency-Key (NewChangeSet) → ChangeResult; POST /changesets/{id}/revert → ChangeResult.
 * The operations are those of docs/api/changes.md.
 */
export interface NewChangeSet {
  reason?: string;
  ops: Record<string, unknown>[];
}

export interface ChangeResult {
  changeSet: Uuid;
  treeId: Uuid;
  dryRun: boolean;
  version: number;
  ids: Record<string, Uuid>;
  created: Uuid[];
  etags: Record<Uuid, string>;
  records: ChangedRecord[];
}

export interface ChangedRecord {
  id: Uuid;
  kind: string;
  version: number;
  created: boolean;
  deleted: boolean;
}

export type ChangeSetKind = 'edit' | 'import' | 'undo' | 'merge' | 'revert';

/** GET /trees/{t}/history?filter[kind]&limit&cursor */
export interface History {
  items: HistoryEntry[];
  nextCursor: string | null;
}

export interface HistoryEntry {
  id: Uuid;
  kind: ChangeSetKind;
  time: Timestamp;
  actor: string;
  reason: string;
  undoes: Uuid | null;
  /** The first three; none of an import. */
  records: HistoryRecord[];
  recordsTotal: number;
}

export interface HistoryRecord {
  id: Uuid;
  kind: string;
  name: string;
  created: boolean;
  deleted: boolean;
}

/** What stands in one version only: parts of the record as indented lines. */
export interface Difference {
  field: string;
  before: string[];
  after: string[];
}

/** GET /changesets/{id} */
export interface ChangeSetDetail {
  id: Uuid;
  kind: ChangeSetKind;
  time: Timestamp;
  actor: string;
  reason: string;
  undoes: Uuid | null;
  treeId: Uuid;
  records: ChangeSetRecord[];
  recordsTotal: number;
}

export interface ChangeSetRecord {
  id: Uuid;
  kind: string;
  name: string;
  version: number;
  created: boolean;
  deleted: boolean;
  differences: Difference[];
}

/** GET /records/{id}/history */
export interface RecordHistory {
  id: Uuid;
  version: number;
  deleted: boolean;
  items: RecordVersionEntry[];
}

export interface RecordVersionEntry {
  version: number;
  changeSet: Uuid;
  kind: string;
  time: Timestamp;
  actor: string;
  fields: string[];
  reason: string;
}

/** GET /records/{id}/versions/{version}?against */
export interface RecordVersion {
  id: Uuid;
  kind: string;
  version: number;
  against: number;
  deleted: boolean;
  lines: string[];
  differences: Difference[];
}

/** GET /trees/{t}/checks?filter[code]&filter[right]=true|false&limit&cursor */
export interface Checks {
  groups: CheckGroup[];
  truncated: boolean;
  items: Check[];
  total: number;
  nextCursor: string | null;
}

export interface CheckGroup {
  code: string;
  severity: Severity;
  open: number;
  right: number;
}

/** POST /trees/{t}/checks/{id} {right, note?} → Check */
export interface Check {
  id: string;
  code: string;
  severity: Severity;
  days: number;
  first: CheckStatement | null;
  second: CheckStatement | null;
  /** Somebody has said that it is right as it is. */
  right: CheckJudgement | null;
}

export interface CheckStatement {
  recordId: Uuid;
  kind: string;
  /** The person, or the partners of a family. */
  persons: PersonBrief[];
  /** Null: the record as a whole. */
  fact: Fact | null;
}

export interface CheckJudgement {
  time: Timestamp;
  actor: string;
  note: string;
}

// ── Models ───────────────────────────────────────────────────────────────────────────────────────────────────────────
// Only where the server has a registry, else 404. Names as in the commands' JSON (docs/schemas), so that a program reads both alike.

export interface ModelMemory {
  mb: number;
  label: string;
}

export interface ModelBenchmark {
  name: string;
  score: number;
  date: string;
  source: string;
}

/** An empty text: not known. */
export interface Model {
  name: string;
  hf_repo: string;
  description: string;
  format: string;
  parameters: string;
  quantization: string;
  license: string;
  /** Smallest first. */
  memory: ModelMemory[];
  /** The first is the primary one. */
  categories: string[];
  agent_types: string[];
  languages: string[];
  context_length: number | null;
  latency_ms: number | null;
  cost_per_million_tokens: number | null;
  benchmarks: ModelBenchmark[];
}

/** GET /models */
export interface ModelList {
  items: Model[];
  total: number;
}

export interface ModelCategory {
  key: string;
  name: string;
  description: string;
  models: number;
}

/** GET /models/categories */
export interface ModelCategories {
  items: ModelCategory[];
}

export interface ModelVerdict {
  model: string;
  taken: boolean;
  eligible: boolean;
  score: number;
  preferred_bonus: number;
  size_bonus: number;
  benchmark_bonus: number;
  confidence: number;
  benchmark_points: number | null;
  benchmarks_known: number;
  benchmarks_relevant: number;
  rejections: string[];
  words: string;
}

export type SelectionMethod = 'basic' | 'multi' | 'gpu';

/** GET /models/select?category&method&… explains; POST chooses, and writes a row of the metrics file. */
export interface ModelSelection {
  ok: boolean;
  category: string;
  method: SelectionMethod;
  model?: string;
  hf_repo?: string;
  memory_mb?: number;
  variant?: string;
  score?: number;
  confidence?: number;
  primary?: boolean;
  fallback?: boolean;
  gpu?: number;
  code?: string;
  error?: string;
  verdicts: ModelVerdict[];
}

export interface ModelFigures {
  requests: number;
  primary_requests: number;
  secondary_requests: number;
  fallback_requests: number;
  error_requests: number;
  success_rate: number;
  fallback_rate: number;
  mean_score: number;
  mean_confidence: number;
  mean_secondary_confidence: number;
  mean_duration_ms: number;
  min_ms: number;
  p50_ms: number;
  p90_ms: number;
  p95_ms: number;
  p99_ms: number;
  max_ms: number;
  mean_score_interval?: number[];
  mean_duration_interval?: number[];
}

export interface ModelCategoryFigures extends ModelFigures {
  category: string;
  models: number;
}

export interface ModelModelFigures extends ModelFigures {
  model: string;
  categories: number;
}

export interface ModelWindowFigures extends ModelFigures {
  start: Timestamp;
}

export interface ModelGpuShare {
  gpu: number;
  requests: number;
  percent: number;
}

export interface ModelTrend {
  figure: string;
  direction: string;
  slope_per_window: number;
  p_value: number;
  change_p_value: number;
  change_at?: Timestamp;
  mean_before?: number;
  mean_after?: number;
}

export interface ModelMalformedLine {
  file: number;
  line: number;
  reason: string;
}

export interface ModelAdvice {
  multi_category_utilization: 'good' | 'low';
  secondary_confidence: 'good' | 'low';
}

/** GET /models/analytics?by=hour|day */
export interface ModelAnalytics {
  ok: boolean;
  total_requests: number;
  secondary_requests: number;
  secondary_percent: number;
  unique_models: number;
  multi_category_models: number;
  malformed_lines: number;
  rows_without_time: number;
  rows_outside_time: number;
  outcome_from: 'column' | 'score';
  mean_duration_ms: number;
  all: ModelFigures;
  categories: ModelCategoryFigures[];
  models: ModelModelFigures[];
  gpus: ModelGpuShare[];
  window?: 'hour' | 'day';
  windows?: ModelWindowFigures[];
  trends?: ModelTrend[];
  malformed: ModelMalformedLine[];
  recommendations: ModelAdvice;
}

export interface GpuInstance {
  index: number;
  name: string;
  memory_total_mb: number | null;
  memory_used_mb: number | null;
}

export interface GpuProcess {
  pid: number;
  name: string;
  memory_mb: number | null;
}

export type GpuHealth = 'HEALTHY' | 'HOT' | 'OVERLOADED' | 'HIGH_POWER' | 'LOST';

/** Null: the driver does not say. */
export interface Gpu {
  id: number;
  name: string;
  uuid?: string;
  health: GpuHealth;
  problem?: string;
  load: number;
  utilization_percent: number | null;
  memory_used_mb: number | null;
  memory_free_mb: number | null;
  memory_total_mb: number | null;
  temperature_c: number | null;
  power_w: number | null;
  power_limit_w: number | null;
  clock_graphics_mhz?: number;
  clock_memory_mhz?: number;
  ecc_corrected?: number;
  ecc_uncorrected?: number;
  mig?: boolean;
  throttle_reasons: string[];
  mig_instances: GpuInstance[];
  processes: GpuProcess[];
}

/** GET /models/gpus */
export interface GpuSnapshot {
  ok: boolean;
  time: Timestamp;
  time_ms: number;
  source: string;
  gpus: Gpu[];
}

/** A row of the metrics file, as the stream tells it. */
export interface SelectionEvent {
  time: Timestamp;
  category: string;
  model: string;
  primary: boolean;
  confidence: number;
  score: number;
  gpu: number;
  duration_ms: number;
  outcome: 'ok' | 'fallback' | 'error';
}

export interface ModelAlert {
  time: Timestamp;
  level: 'info' | 'warning' | 'critical';
  kind: string;
  message: string;
}

/**
 * GET /models/stream: Server-Sent Events.
 * `event: state`      data: LiveState      (first, and after each break)
 * `event: gpu`        data: GpuSnapshot    (without time and source where there is none: `ok` is false)
 * `event: selection`  data: SelectionEvent
 * `event: alert`      data: ModelAlert
 */
export interface LiveState {
  gpu: GpuSnapshot | null;
  gpu_problem: string;
  selections: SelectionEvent[];
  alerts: ModelAlert[];
}

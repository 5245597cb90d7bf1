/** What was typed and not saved yet, on this device: one entry a record, in IndexedDB. Where storage is refused there are no drafts. */
const DATABASE = 'tablinum';
const STORE = 'drafts';
/** Nobody comes back to a draft after so long. */
const DAYS_MAX = 90;
const DAY_MS = 24 * 60 * 60 * 1000;

export interface Kept<T> {
  value: T;
  /** Milliseconds since 1970. */
  time: number;
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((done, failed) => {
    request.addEventListener('success', () => done(request.result));
    request.addEventListener('error', () => failed(request.error ?? new Error('IndexedDB')));
  });
}

let opened: Promise<IDBDatabase> | undefined;
function open(): Promise<IDBDatabase> {
  opened ??= (async () => {
    const request = indexedDB.open(DATABASE, 1);
    request.addEventListener('upgradeneeded', () => request.result.createObjectStore(STORE));
    return settled(request);
  })();
  return opened;
}

async function inStore<T>(mode: IDBTransactionMode, run: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
  try {
    const database = await open();
    return await settled(run(database.transaction(STORE, mode).objectStore(STORE)));
  } catch {
    return undefined;
  }
}

/** Name of the draft of a record. */
export const draftName = (treeId: string, record: string) => `${treeId}/${record}`;

export async function keepDraft<T>(name: string, value: T) {
  await inStore('readwrite', (store) => store.put({ value, time: Date.now() } satisfies Kept<T>, name));
}

export async function findDraft<T>(name: string): Promise<Kept<T> | undefined> {
  const kept = await inStore('readonly', (store) => store.get(name) as IDBRequest<Kept<T> | undefined>);
  if (!kept || typeof kept.time !== 'number') return undefined;
  if (Date.now() - kept.time <= DAYS_MAX * DAY_MS) return kept;
  await forgetDraft(name);
  return undefined;
}

export async function forgetDraft(name: string) {
  await inStore('readwrite', (store) => store.delete(name));
}

/** The three states of a question to the server, the same on every page. */
import type { InfiniteData, UseInfiniteQueryResult, UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Page } from '../../../api/types.ts';
import { Button } from '../../../ui/Button.tsx';
import { Failure, Skeleton } from '../../../ui/states.tsx';
import { failureText } from '../texts.ts';

export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation('common');
  return <Failure {...failureText(error, t)} retry={retry && { label: t('failure.retry'), run: retry }} />;
}

/** Skeleton, failure or what the answer is made into. */
export function Loaded<T>({ query, lines, children }: { query: UseQueryResult<T>; lines?: number; children: (data: T) => ReactNode }) {
  const { t } = useTranslation('common');
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <Failed error={query.error} retry={() => void query.refetch()} />;
  return <Skeleton label={t('loading')} {...(lines === undefined ? {} : { lines })} />;
}

type Paged<P> = UseInfiniteQueryResult<InfiniteData<P, unknown>>;

/** A list that grows page by page with a button, so that the foot of the page stays in reach. */
export function LoadedPages<P extends Pick<Page<unknown>, 'items' | 'total'>>({ query, empty, children }: {
  query: Paged<P>;
  empty: ReactNode;
  children: (items: P['items'][number][], first: P) => ReactNode;
}) {
  const { t } = useTranslation('common');
  const first = query.data?.pages[0];
  if (!first) {
    if (query.error) return <Failed error={query.error} retry={() => void query.refetch()} />;
    return <Skeleton label={t('loading')} />;
  }
  const items = query.data!.pages.flatMap((page) => page.items);
  if (items.length === 0) return <>{empty}</>;
  return (
    <>
      {children(items, first)}
      {query.error && <Failed error={query.error} retry={() => void query.fetchNextPage()} />}
      {query.hasNextPage && (
        <div className="mt-6 flex flex-wrap items-center gap-4">
          <Button onClick={() => void query.fetchNextPage()} disabled={query.isFetchingNextPage}>{t('list.more')}</Button>
          <span className="text-sm text-ink-2" aria-live="polite">{t('list.shown', { shown: items.length, total: first.total })}</span>
        </div>
      )}
    </>
  );
}

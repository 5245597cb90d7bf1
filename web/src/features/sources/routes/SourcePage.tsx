import { IconTable } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { sourceCitationsPages, sourceQuery } from '../../../api/queries.ts';
import type { Source } from '../../../api/types.ts';
import { buttonClass } from '../../../ui/Button.tsx';
import { Card, Page } from '../../../ui/Page.tsx';
import { CitationText, Loaded, LoadedPages, MediaGrid, NoteText, PersonRow } from '../../archive/index.ts';

const route = getRouteApi('/t/$tree/sources/$id');

function About({ source }: { source: Source }) {
  const { t } = useTranslation('sources');
  const facts = [
    { label: t('author'), text: source.author },
    { label: t('publication'), text: source.publication },
    { label: t('abbreviation'), text: source.abbreviation },
  ];
  return (
    <dl className="divide-y divide-line">
      {facts.filter(({ text }) => text).map(({ label, text }) => (
        <div key={label} className="grid gap-x-6 py-2 sm:grid-cols-[11rem_1fr]">
          <dt className="font-semibold text-ink-2">{label}</dt>
          <dd dir="auto">{text}</dd>
        </div>
      ))}
      {source.repositories.map(({ id, name, callNumber }) => (
        <div key={id} className="grid gap-x-6 py-2 sm:grid-cols-[11rem_1fr]">
          <dt className="font-semibold text-ink-2">{t('repository')}</dt>
          <dd dir="auto">{name}{callNumber && <span className="text-ink-2"> · {callNumber}</span>}</dd>
        </div>
      ))}
    </dl>
  );
}

function Citations({ tree, id }: { tree: string; id: string }) {
  const { t } = useTranslation('sources');
  const query = useInfiniteQuery(sourceCitationsPages(tree, id));
  return (
    <LoadedPages query={query} empty={<p className="text-ink-2">{t('not_cited')}</p>}>
      {(items) => (
        <ul className="divide-y divide-line">
          {items.map(({ citation, persons }) => (
            <li key={`${persons.map((person) => person.id).join()}${citation.id}`} className="grid gap-x-6 gap-y-2 py-4 md:grid-cols-[16rem_1fr]">
              <div>{persons.map((person) => <PersonRow key={person.id} person={person} />)}</div>
              <CitationText citation={citation} treeId={tree} withSource={false} />
            </li>
          ))}
        </ul>
      )}
    </LoadedPages>
  );
}

export function SourcePage() {
  const { t } = useTranslation(['sources', 'common']);
  const { tree, id } = route.useParams();
  const query = useQuery(sourceQuery(tree, id));
  const title = query.data ? query.data.title || t('common:source.untitled') : t('sources:source');
  return (
    <Page
      title={title}
      heading={<bdi>{title}</bdi>}
      actions={query.data && (
        <Link to="/t/$tree/sheet/new" params={{ tree }} search={{ source: id }} className={buttonClass()}>
          <IconTable aria-hidden className="size-5" />{t('sources:sheet')}
        </Link>
      )}
    >
      <Loaded query={query}>
        {(source) => (
          <div className="space-y-6">
            <Card title={t('sources:about')}>
              <About source={source} />
              {source.notes.map((note, index) => <NoteText key={note.id ?? index} note={note} />)}
            </Card>
            {source.text && <Card title={t('sources:text')}><p dir="auto" className="max-w-prose font-serif whitespace-pre-line">{source.text}</p></Card>}
            {source.media.length > 0 && <Card title={t('sources:pictures')}><MediaGrid items={source.media} treeId={tree} /></Card>}
            <Card title={t('sources:citations')}><Citations tree={tree} id={id} /></Card>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

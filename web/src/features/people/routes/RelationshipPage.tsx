import { IconArrowDown, IconArrowsHorizontal, IconArrowUp, IconMinus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { personQuery, relationshipQuery } from '../../../api/queries.ts';
import type { RelationshipLine } from '../../../api/types.ts';
import { Card, Page } from '../../../ui/Page.tsx';
import { Loaded, nameOf, PersonRow } from '../../archive/index.ts';
import { PersonPicker } from '../../search/index.ts';

const route = getRouteApi('/t/$tree/relationship');
const arrows = { parent: IconArrowUp, child: IconArrowDown, partner: IconMinus, sibling: IconArrowsHorizontal };

function Line({ line }: { line: RelationshipLine }) {
  const { t } = useTranslation('people');
  return (
    <Card title={line.words} action={t(line.blood ? 'relationship.blood' : 'relationship.marriage')}>
      <ol>
        {line.path.map(({ person, step }, index) => {
          const Arrow = step === 'start' ? null : arrows[step];
          return (
            <li key={`${index}${person.id}`}>
              {Arrow && step !== 'start' && (
                <span className="flex items-center gap-2 ps-2 text-sm text-ink-2"><Arrow aria-hidden className="size-4" />{t(`relationship.step.${step}`)}</span>
              )}
              <PersonRow person={person} />
            </li>
          );
        })}
      </ol>
    </Card>
  );
}

function Answer({ tree, a, b }: { tree: string; a: string; b: string }) {
  const { t, i18n } = useTranslation('people');
  const { t: common } = useTranslation('common');
  const query = useQuery(relationshipQuery(tree, a, b, 'all'));
  return (
    <Loaded query={query}>
      {(answer) => (
        <div className="space-y-6">
          <p className="font-serif text-xl" aria-live="polite">
            {answer.words === null
              ? t('relationship.none', { a: nameOf(answer.a, common), b: nameOf(answer.b, common) })
              : t('relationship.sentence', { a: nameOf(answer.a, common), b: nameOf(answer.b, common), words: answer.words })}
          </p>
          {!answer.wordsReviewed && <p className="text-sm text-ink-2">{t('relationship.draft')}</p>}
          {answer.coefficient > 0 && (
            <p className="text-sm text-ink-2">
              {t('relationship.shared', {
                percent: new Intl.NumberFormat(i18n.language, { style: 'percent', maximumSignificantDigits: 3 }).format(2 * answer.coefficient),
              })}
            </p>
          )}
          <div className="grid items-start gap-6 md:grid-cols-2 xl:grid-cols-3">
            {answer.lines.map((line, index) => <Line key={index} line={line} />)}
          </div>
          {answer.truncated && <p className="text-ink-2">{t('relationship.more')}</p>}
        </div>
      )}
    </Loaded>
  );
}

/** What two people are to each other, with every line between them. */
export function RelationshipPage() {
  const { t } = useTranslation('people');
  const { tree } = route.useParams();
  const { a, b } = route.useSearch();
  const navigate = route.useNavigate();
  const first = useQuery({ ...personQuery(tree, a ?? ''), enabled: a !== undefined });
  const second = useQuery({ ...personQuery(tree, b ?? ''), enabled: b !== undefined });
  return (
    <Page title={t('relationship.title')}>
      <div className="mb-8 grid gap-4 sm:grid-cols-2">
        <PersonPicker treeId={tree} label={t('relationship.first')} chosen={first.data?.brief ?? null}
          onChoose={(person) => void navigate({ search: (old) => ({ ...old, a: person.id }) })} />
        <PersonPicker treeId={tree} label={t('relationship.second')} chosen={second.data?.brief ?? null}
          onChoose={(person) => void navigate({ search: (old) => ({ ...old, b: person.id }) })} />
      </div>
      {a && b ? <Answer tree={tree} a={a} b={b} /> : <p className="text-ink-2">{t('relationship.choose')}</p>}
    </Page>
  );
}

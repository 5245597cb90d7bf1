import { IconPencil, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useLocation, useNavigate } from '@tanstack/react-router';
import { Suspense, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { personQuery, unionQuery } from '../../../api/queries.ts';
import type { Family } from '../../../api/types.ts';
import { type Shortcut, useShortcuts } from '../../../lib/keys.ts';
import { buttonClass } from '../../../ui/Button.tsx';
import { Card, Page } from '../../../ui/Page.tsx';
import { factKey, FactLine, Loaded, nameOf, NoteText, PersonRow } from '../../archive/index.ts';
import { ADD_KEYS, AddRelative, DraftNotice, FamilyEditor, readTask, RESUME, type Task } from '../../editing/index.ts';
import { Children, UnionLine } from '../components/family.tsx';

const route = getRouteApi('/t/$tree/families/$id');

const ADDED = ['spouse', 'child'] as const;
const mayAdd = (family: Family) => ADDED.filter((one) => family.partners.length > 0 && (one === 'child' || family.partners.length < 2));

/** The other partner, or a child, of this very family. */
function AddMember({ family, task, onClose }: { family: Family; task: Task; onClose(): void }) {
  const [first] = family.partners;
  const { data } = useQuery({ ...personQuery(family.treeId, first?.id ?? ''), enabled: first !== undefined });
  if (task?.kind !== 'add' || !data || !mayAdd(family).some((one) => one === task.relation)) return null;
  return <Suspense><AddRelative key={task.relation} person={data} relation={task.relation} into={family.id} onClose={onClose} /></Suspense>;
}

/** A union with its children and events. */
export function FamilyPage() {
  const { t } = useTranslation('people');
  const { t: common } = useTranslation('common');
  const { tree, id } = route.useParams();
  const query = useQuery(unionQuery(tree, id));
  const names = query.data?.partners.map((person) => nameOf(person, common)) ?? [];
  const navigate = useNavigate();
  const task = readTask(useLocation({ select: ({ hash }) => hash }));
  const go = (hash: string) => void navigate({ to: '/t/$tree/families/$id', params: { tree, id }, hash, replace: true, resetScroll: false });
  useShortcuts(useMemo((): Shortcut[] => [
    { keys: 'e', name: 'edit', run: () => void navigate({ to: '/t/$tree/families/$id', params: { tree, id }, hash: 'edit' }) },
    ...ADDED.map((relation): Shortcut => ({
      keys: `a ${ADD_KEYS[relation]}`, name: `add_${relation}`,
      run: () => void navigate({ to: '/t/$tree/families/$id', params: { tree, id }, hash: `add-${relation}` }),
    })),
  ], [navigate, tree, id]));
  const title = names.length ? names.join(' · ') : t('family.title');
  return (
    <Page
      title={title}
      heading={<bdi>{title}</bdi>}
      actions={query.data && (
        <>
          <Link to="/t/$tree/families/$id" params={{ tree, id }} hash="edit" resetScroll={false} className={buttonClass()}>
            <IconPencil aria-hidden className="size-5" />{t('action.edit')}
          </Link>
          {mayAdd(query.data).map((relation) => (
            <Link key={relation} to="/t/$tree/families/$id" params={{ tree, id }} hash={`add-${relation}`} resetScroll={false} className={buttonClass()}>
              <IconPlus aria-hidden className="size-5" />{t(`add.${relation}`)}
            </Link>
          ))}
        </>
      )}
    >
      {task?.kind !== 'edit' && <Suspense><DraftNotice treeId={tree} id={id} onResume={() => go(RESUME)} /></Suspense>}
      <Loaded query={query}>
        {(family) => (task?.kind === 'edit' ? (
          <Suspense><FamilyEditor key={family.id} family={family} title={title} focus={task.focus} resume={task.resume} onClose={() => go('')} onNext={() => go('')} /></Suspense>
        ) : (
          <div className="grid items-start gap-6 lg:grid-cols-2">
            <div className="empty:hidden lg:col-span-2"><AddMember family={family} task={task} onClose={() => go('')} /></div>
            <Card title={t('family.partners')}>
              {family.partners.map((person) => <PersonRow key={person.id} person={person} />)}
              <UnionLine union={family.union} treeId={tree} />
            </Card>
            <Card title={t('family.children')}>
              {family.children.length ? <Children items={family.children} /> : <p className="text-ink-2">{t('family.no_children')}</p>}
            </Card>
            <Card title={t('facts.title')} className="lg:col-span-2">
              {family.union.facts.length
                ? <dl>{family.union.facts.map((fact) => <FactLine key={factKey(fact)} fact={fact} treeId={tree} />)}</dl>
                : <p className="text-ink-2">{t('facts.none')}</p>}
              {family.notes.map((note, index) => <NoteText key={note.id ?? index} note={note} />)}
            </Card>
          </div>
        ))}
      </Loaded>
    </Page>
  );
}

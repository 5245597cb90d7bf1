import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, Navigate, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { createTree } from '../../../api/commands.ts';
import { treesQuery } from '../../../api/queries.ts';
import { settings } from '../../../lib/settings.ts';
import { Button } from '../../../ui/Button.tsx';
import { TextField } from '../../../ui/fields.tsx';
import { Card, Page } from '../../../ui/Page.tsx';
import { Failed, Loaded } from '../../archive/index.ts';

function NewTree() {
  const { t } = useTranslation('home');
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: createTree,
    onSuccess: (tree) => navigate({ to: '/t/$tree/import', params: { tree: tree.id } }),
  });
  return (
    <Card title={t('new_tree')}>
      <p className="mb-4 text-ink-2">{t('new_tree_hint')}</p>
      <form
        className="flex flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate({ name: String(new FormData(event.currentTarget).get('name')).trim() });
        }}
      >
        <TextField label={t('tree_name')} name="name" required maxLength={100} className="min-w-56 flex-1" autoComplete="off" />
        <Button type="submit" kind="primary" disabled={create.isPending}>{t('create')}</Button>
      </form>
      {create.error && <div className="mt-4"><Failed error={create.error} /></div>}
    </Card>
  );
}

/** `/` leads to the tree last seen, to the only one, or lets one choose; `/trees` always lets one choose. */
export function StartPage({ choose }: { choose: boolean }) {
  const { t } = useTranslation('home');
  const query = useQuery(treesQuery());
  const trees = query.data?.items ?? [];
  const known = trees.find((tree) => tree.id === settings().lastTree) ?? (trees.length === 1 ? trees[0] : undefined);
  if (known && !choose) return <Navigate to="/t/$tree" params={{ tree: known.id }} replace />;
  return (
    <Page title={t('welcome')} lead={t('welcome_lead')}>
      <div className="space-y-6">
        <Loaded query={query} lines={3}>
          {({ items }) => items.length > 0 && (
            <Card title={t('trees')}>
              <ul className="divide-y divide-line">
                {items.map((tree) => (
                  <li key={tree.id} className="py-3">
                    <Link to="/t/$tree" params={{ tree: tree.id }} className="prose-link text-lg font-semibold"><bdi>{tree.name}</bdi></Link>
                    <p className="text-sm text-ink-2">{t('tree_size', { count: tree.persons })}</p>
                  </li>
                ))}
              </ul>
            </Card>
          )}
        </Loaded>
        <NewTree />
      </div>
    </Page>
  );
}

import { IconArrowRight, IconCheck, IconX } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { selectModel } from '../../../api/commands.ts';
import { modelCategoriesQuery, selectionQuery } from '../../../api/queries.ts';
import type { ModelSelection, ModelVerdict } from '../../../api/types.ts';
import { cx } from '../../../lib/class.ts';
import { Button } from '../../../ui/Button.tsx';
import { SelectField, TextField } from '../../../ui/fields.tsx';
import { Card } from '../../../ui/Page.tsx';
import { Failed, Loaded } from '../../archive/index.ts';
import { selectionOf, showMemory } from '../figures.ts';
import { AGENT_TYPES, METHODS, type ModelsSearch } from '../model.ts';
import { Cell, RowHead, Table } from './parts.tsx';

const ROWS_MAX = 60;

function Form({ search }: { search: ModelsSearch }) {
  const { t } = useTranslation('models');
  const navigate = useNavigate();
  const categories = useQuery(modelCategoriesQuery());
  const submit = (event: React.FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim() || undefined;
    const number = (name: string) => (text(name) === undefined ? undefined : Number(text(name)));
    void navigate({
      to: '/models/{-$part}', params: { part: 'choose' },
      // What is not valid is left out when the address is read.
      search: {
        category: text('category'), method: text('method') as ModelsSearch['method'], agent: text('agent') as ModelsSearch['agent'],
        memory: number('memory'), context: number('context'), license: text('license'),
      },
    });
  };
  return (
    <Loaded query={categories} lines={3}>
      {({ items }) => (
        <form onSubmit={submit} className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
          <SelectField label={t('category')} name="category" defaultValue={search.category ?? items[0]?.key}>
            {items.map(({ key, name }) => <option key={key} value={key}>{name}</option>)}
          </SelectField>
          <SelectField label={t('method')} name="method" defaultValue={search.method ?? 'multi'} hint={t('method_hint')}>
            {METHODS.map((method) => <option key={method} value={method}>{t(`methods.${method}`)}</option>)}
          </SelectField>
          <SelectField label={t('agent_type')} name="agent" defaultValue={search.agent ?? ''}>
            <option value="">{t('any')}</option>
            {AGENT_TYPES.map((type) => <option key={type} value={type}>{t(`agent.${type}`)}</option>)}
          </SelectField>
          <TextField label={t('memory_max')} name="memory" type="number" inputMode="numeric" min={1} max={1 << 24} defaultValue={search.memory} />
          <TextField label={t('context_min')} name="context" type="number" inputMode="numeric" min={1} defaultValue={search.context} />
          <TextField label={t('column.license')} name="license" maxLength={64} defaultValue={search.license} autoComplete="off" />
          <div className="sm:col-span-2 lg:col-span-3"><Button type="submit" kind="primary">{t('explain')}</Button></div>
        </form>
      )}
    </Loaded>
  );
}

const marks = {
  taken: { Icon: IconArrowRight, colour: 'text-accent' },
  eligible: { Icon: IconCheck, colour: 'text-ok' },
  rejected: { Icon: IconX, colour: 'text-ink-2' },
} as const;

const markOf = ({ taken, eligible }: ModelVerdict) => (taken ? 'taken' : eligible ? 'eligible' : 'rejected');

function Verdicts({ verdicts }: { verdicts: ModelVerdict[] }) {
  const { t, i18n } = useTranslation('models');
  const number = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 });
  const columns = (['verdict', 'model', 'score', 'confidence', 'why'] as const)
    .map((key) => ({ key, label: t(`column.${key}`), number: key === 'score' || key === 'confidence' }));
  return (
    <Table name={t('verdicts')} columns={columns}>
      {verdicts.slice(0, ROWS_MAX).map((verdict) => {
        const mark = markOf(verdict);
        const { Icon, colour } = marks[mark];
        return (
          <tr key={verdict.model}>
            <Cell><span className={cx('inline-flex items-center gap-1 whitespace-nowrap', colour)}><Icon aria-hidden className="size-4" />{t(`verdict.${mark}`)}</span></Cell>
            <RowHead><bdi>{verdict.model}</bdi></RowHead>
            <Cell number>{number.format(verdict.score)}</Cell>
            <Cell number>{number.format(verdict.confidence)}</Cell>
            <Cell>{verdict.words}</Cell>
          </tr>
        );
      })}
    </Table>
  );
}

function Answer({ selection, search }: { selection: ModelSelection; search: ModelsSearch }) {
  const { t, i18n } = useTranslation('models');
  const client = useQueryClient();
  const record = useMutation({
    mutationFn: () => selectModel(selectionOf(search)),
    onSuccess: () => client.invalidateQueries({ queryKey: ['models', 'analytics'] }),
  });
  const number = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 2 });
  return (
    <div className="space-y-4">
      <Card>
        {selection.model === undefined ? <p role="status">{selection.error}</p> : (
          <div role="status">
            <p className="font-serif text-xl font-semibold"><bdi>{selection.model}</bdi></p>
            <p className="text-ink-2">
              {t('chosen', { score: number.format(selection.score!), confidence: number.format(selection.confidence!) })}
              {selection.memory_mb !== undefined && <> · {showMemory(selection.memory_mb, i18n.language)}</>}
              {selection.variant && <> · {selection.variant}</>}
              {selection.gpu !== undefined && <> · {t('on_gpu', { id: selection.gpu })}</>}
            </p>
            {selection.fallback && <p className="mt-2 text-warn">{t('fallback')}</p>}
          </div>
        )}
        {selection.model !== undefined && (
          <div className="mt-4 flex flex-wrap items-center gap-4">
            <Button disabled={record.isPending} onClick={() => record.mutate()}>{t('record')}</Button>
            <span role="status" className="text-sm text-ink-2">{record.isSuccess && t('recorded')}</span>
          </div>
        )}
        {record.error && <div className="mt-4"><Failed error={record.error} /></div>}
      </Card>
      <Verdicts verdicts={selection.verdicts} />
    </div>
  );
}

export function Chooser({ search }: { search: ModelsSearch }) {
  const query = useQuery({ ...selectionQuery(selectionOf(search)), enabled: search.category !== undefined });
  return (
    <div className="space-y-6">
      <Card><Form key={JSON.stringify(search)} search={search} /></Card>
      {search.category !== undefined && <Loaded query={query}>{(selection) => <Answer selection={selection} search={search} />}</Loaded>}
    </div>
  );
}

import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { modelCategoriesQuery, modelsQuery } from '../../../api/queries.ts';
import type { Model } from '../../../api/types.ts';
import { SelectField, TextField } from '../../../ui/fields.tsx';
import { Empty } from '../../../ui/states.tsx';
import { Loaded } from '../../archive/index.ts';
import { showMemory } from '../figures.ts';
import { Cell, RowHead, Table } from './parts.tsx';

/** Rows in the page at once: a registry may have a hundred thousand. */
const ROWS_MAX = 60;

const fits = (model: Model, words: string[], category: string) =>
  (category === '' || model.categories.includes(category)) &&
  words.every((word) => `${model.name} ${model.hf_repo} ${model.description}`.toLowerCase().includes(word));

function Rows({ models }: { models: Model[] }) {
  const { t, i18n } = useTranslation('models');
  const columns = (['model', 'categories', 'agents', 'memory', 'context', 'license', 'scores'] as const)
    .map((key) => ({ key, label: t(`column.${key}`), number: key === 'memory' || key === 'context' }));
  const number = new Intl.NumberFormat(i18n.language);
  return (
    <Table name={t('part.registry')} columns={columns}>
      {models.map((model) => (
        <tr key={model.name}>
          <RowHead>
            <bdi>{model.name}</bdi>
            <span className="block font-normal text-ink-2"><bdi>{model.hf_repo}</bdi>{model.description && <> · {model.description}</>}</span>
          </RowHead>
          <Cell>{model.categories.join(', ') || t('unknown')}</Cell>
          <Cell>{model.agent_types.map((type) => t(`agent.${type as 'tool'}`)).join(', ') || t('unknown')}</Cell>
          <Cell number>
            {model.memory.map(({ mb, label }) => <span key={`${mb}${label}`} className="block whitespace-nowrap">{showMemory(mb, i18n.language)}{label && ` · ${label}`}</span>)}
          </Cell>
          <Cell number>{model.context_length === null ? t('unknown') : number.format(model.context_length)}</Cell>
          <Cell>{model.license || t('unknown')}</Cell>
          <Cell>
            {model.benchmarks.length === 0 ? t('no_scores') : model.benchmarks.map(({ name, score, source }) => (
              <span key={name} className="block" title={source}>{name} {number.format(score)}</span>
            ))}
          </Cell>
        </tr>
      ))}
    </Table>
  );
}

export function Registry() {
  const { t } = useTranslation('models');
  const query = useQuery(modelsQuery());
  const categories = useQuery(modelCategoriesQuery());
  const [text, setText] = useState('');
  const [category, setCategory] = useState('');
  const words = useMemo(() => text.toLowerCase().split(/\s+/).filter(Boolean), [text]);
  return (
    <Loaded query={query}>
      {({ items }) => {
        const found = items.filter((model) => fits(model, words, category));
        return (
          <div className="space-y-4">
            <div className="grid gap-3 sm:grid-cols-2">
              <TextField label={t('find')} type="search" value={text} onChange={(event) => setText(event.target.value)} />
              <SelectField label={t('category')} value={category} onChange={(event) => setCategory(event.target.value)}>
                <option value="">{t('every_category')}</option>
                {categories.data?.items.map(({ key, name }) => <option key={key} value={key}>{name}</option>)}
              </SelectField>
            </div>
            <p role="status" className="text-sm text-ink-2">
              {t('found', { count: found.length })}{found.length > ROWS_MAX && <> · {t('first_shown', { shown: ROWS_MAX })}</>}
            </p>
            {found.length === 0 ? <Empty title={t('none')} /> : <Rows models={found.slice(0, ROWS_MAX)} />}
          </div>
        );
      }}
    </Loaded>
  );
}

import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../../api/client.ts';
import type { Page, Source } from '../../../api/types.ts';
import { useDelayed } from '../../../lib/useDelayed.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { Combobox } from '../../../ui/Combobox.tsx';
import { lastCited } from '../model/basket.ts';
import { newKey, type Part, partsOf } from '../model/draft.ts';
import { focusAfter, PartSelect, PartText, useForm, WrongText } from './form.tsx';

const PAUSE_MS = 150;
const CREATE = '';

/** A source that is there, or the title of a new one. */
export function SourceField({ part }: { part: Part }) {
  const { t } = useTranslation('editing');
  const { draft, step, place } = useForm();
  const input = useRef<HTMLInputElement | null>(null);
  const text = part.fields['title'] ?? '', chosen = part.fields['sourceId'] ?? '';
  const asked = useDelayed(text.trim(), PAUSE_MS);
  const { data } = useQuery({
    queryKey: ['tree', draft.treeId, 'suggest-sources', asked],
    queryFn: ({ signal }) => ask<Page<Source>>(`/trees/${draft.treeId}/sources`, { query: { 'filter[title]': asked, limit: 8 }, signal }),
    enabled: asked.length > 1 && chosen === '',
  });
  const found = chosen === '' && text.trim().length > 1 && data ? data.items.map(({ id, title, citations }) => ({ id, title, citations })) : [];
  const options = chosen === '' && text.trim().length > 1 ? [...found, { id: CREATE, title: text.trim(), citations: 0 }] : [];
  return (
    <div>
      <Combobox
        label={t('cite.source')}
        text={text}
        onText={(title) => step({ type: 'field', key: part.key, fields: { title, sourceId: '' } })}
        options={options}
        optionKey={({ id }) => id || 'create'}
        renderOption={({ id, title, citations }) => (
          <span className="flex min-h-9 items-center gap-3">
            {id === CREATE ? <span className="font-semibold">{t('cite.create', { title })}</span> : <bdi className="min-w-0 flex-1">{title}</bdi>}
            {id !== CREATE && <span className="text-sm text-ink-2">{t('cite.used', { count: citations })}</span>}
          </span>
        )}
        onChoose={({ id, title }) => step({ type: 'field', key: part.key, fields: { title, sourceId: id } })}
        onEnter={() => input.current && focusAfter(input.current)}
        status={t('cite.found', { count: found.length })}
        inputRef={(element) => {
          input.current = element;
          place(part.key, 'title', element);
        }}
      />
      <p className="mt-1 min-h-5 text-sm text-ink-2">{chosen ? t('cite.known') : text.trim() ? t('cite.new') : ''}</p>
      <WrongText part={part} field="title" />
    </div>
  );
}

function CitationFields({ part }: { part: Part }) {
  const { t } = useTranslation('editing');
  const { t: common } = useTranslation('common');
  const { step } = useForm();
  return (
    <fieldset className="rounded-input border border-line p-3">
      <legend className="sr-only">{t('cite.one')}</legend>
      <SourceField part={part} />
      <div className="mt-2 grid gap-3 sm:grid-cols-[1fr_14rem_auto]">
        <PartText part={part} field="page" label={t('cite.page')} />
        <PartSelect part={part} field="quality" label={t('cite.quality')}>
          <option value="">{t('cite.unjudged')}</option>
          {(['3', '2', '1', '0'] as const).map((quality) => <option key={quality} value={quality}>{common(`evidence.${quality}`)}</option>)}
        </PartSelect>
        <IconButton className="self-end" label={t('cite.remove')} icon={<IconTrash aria-hidden className="size-5" />} onClick={() => step({ type: 'remove', key: part.key })} />
      </div>
      <WrongText part={part} field="" />
    </fieldset>
  );
}

/** The sources of a fact or a name; the one cited last is offered again. */
export function Citations({ owner }: { owner: string }) {
  const { t } = useTranslation('editing');
  const { draft, step } = useForm();
  const last = lastCited(draft.treeId);
  const add = (fields: Record<string, string>) => step({ type: 'add', part: { key: newKey(), kind: 'citation', owner, fields } });
  return (
    <div className="space-y-2">
      {partsOf(draft, 'citation', owner).map((part) => <CitationFields key={part.key} part={part} />)}
      <div className="flex flex-wrap gap-2">
        <Button kind="quiet" icon={<IconPlus aria-hidden className="size-5" />} onClick={() => add({ sourceId: '', title: '', page: '', quality: '' })}>{t('cite.add')}</Button>
        {last && <Button kind="quiet" onClick={() => add({ ...last })}>{t('cite.again', { title: last.title })}</Button>}
      </div>
    </div>
  );
}

import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { suggestPlacesQuery } from '../../../api/queries.ts';
import { useDelayed } from '../../../lib/useDelayed.ts';
import { Combobox } from '../../../ui/Combobox.tsx';
import type { Part } from '../model/draft.ts';
import { focusAfter, useForm, WrongText } from './form.tsx';

const PAUSE_MS = 150;

/** Own places first. Choosing one keeps its id, so typing makes no twin; another text stays a text. `quiet`: no hint while it is empty. */
export function PlaceField({ part, field = 'place', label, className, quiet = false }: { part: Part; field?: string; label: string; className?: string; quiet?: boolean }) {
  const { t } = useTranslation('editing');
  const { draft, step, place } = useForm();
  const input = useRef<HTMLInputElement | null>(null);
  const text = part.fields[field] ?? '', chosen = part.fields[`${field}Id`] ?? '';
  const set = (name: string, id: string) => step({ type: 'field', key: part.key, fields: { [field]: name, [`${field}Id`]: id } });
  const asked = useDelayed(text.trim(), PAUSE_MS);
  const { data } = useQuery({ ...suggestPlacesQuery(draft.treeId, asked), enabled: asked.length > 1 && chosen === '' });
  const options = chosen === '' && text.trim().length > 1 ? (data?.items ?? []) : [];
  return (
    <div className={className}>
      <Combobox
        label={label}
        text={text}
        onText={(value) => set(value, '')}
        options={options}
        optionKey={({ id }) => id}
        renderOption={({ fullName, events }) => (
          <span className="flex min-h-9 items-center gap-3">
            <bdi className="min-w-0 flex-1">{fullName}</bdi>
            <span className="text-sm text-ink-2">{t('place.events', { count: events })}</span>
          </span>
        )}
        onChoose={({ id, fullName }) => set(fullName, id)}
        onEnter={() => input.current && focusAfter(input.current)}
        status={t('place.found', { count: options.length })}
        inputRef={(element) => {
          input.current = element;
          place(part.key, field, element);
        }}
      />
      <p className="mt-1 min-h-5 text-sm text-ink-2">{chosen ? t('place.known') : text.trim() ? t('place.text') : quiet ? '' : t('place.hint')}</p>
      <WrongText part={part} field={field} />
    </div>
  );
}

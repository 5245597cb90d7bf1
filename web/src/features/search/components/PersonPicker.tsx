import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { findPeopleQuery } from '../../../api/queries.ts';
import type { PersonBrief } from '../../../api/types.ts';
import { Combobox } from '../../../ui/Combobox.tsx';
import { useDelayed } from '../../../lib/useDelayed.ts';
import { Face, Life, nameOf, PersonRow } from '../../archive/index.ts';

const TYPING_PAUSE_MS = 150;

/** A field in which one person is chosen. */
export function PersonPicker({ treeId, label, chosen, onChoose, placeholder }: {
  treeId: string;
  label: string;
  chosen: PersonBrief | null;
  onChoose(person: PersonBrief): void;
  /** What stands in the empty field; the chosen person's name where it is left out. */
  placeholder?: string;
}) {
  const { t } = useTranslation('common');
  const [text, setText] = useState('');
  // People, not suggestions: "rudo" alone would suggest a given name.
  const asked = useDelayed(text.trim(), TYPING_PAUSE_MS);
  const { data } = useQuery({ ...findPeopleQuery(treeId, asked), enabled: asked.length > 1 });
  const options = text.trim().length > 1 ? (data?.items ?? []).flatMap(({ person }) => person ?? []) : [];
  return (
    <div>
      <Combobox
        label={label}
        placeholder={placeholder ?? (chosen ? nameOf(chosen, t) : t('search.person'))}
        text={text}
        onText={setText}
        options={options}
        optionKey={({ id }) => id}
        renderOption={(person) => (
          <span className="flex items-center gap-3">
            <Face person={person} />
            <span className="min-w-0"><bdi className="font-semibold">{nameOf(person, t)}</bdi> <Life person={person} className="text-sm" /></span>
          </span>
        )}
        onChoose={(person) => {
          setText('');
          onChoose(person);
        }}
        status={t('search.suggestions', { count: options.length })}
      />
      {chosen && <div className="mt-2"><PersonRow person={chosen} /></div>}
    </div>
  );
}

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PersonBrief } from '../../../api/types.ts';
import { Combobox } from '../../../ui/Combobox.tsx';
import { nameOf, PersonRow } from '../../archive/index.ts';
import { suggestionKey, SuggestionText } from './SuggestionText.tsx';
import { useSuggestions } from './useSuggestions.ts';

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
  const options = useSuggestions(treeId, text).filter((suggestion) => suggestion.person !== null);
  return (
    <div>
      <Combobox
        label={label}
        placeholder={placeholder ?? (chosen ? nameOf(chosen, t) : t('search.person'))}
        text={text}
        onText={setText}
        options={options}
        optionKey={suggestionKey}
        renderOption={(option) => <SuggestionText suggestion={option} />}
        onChoose={({ person }) => {
          setText('');
          if (person) onChoose(person);
        }}
        status={t('search.suggestions', { count: options.length })}
      />
      {chosen && <div className="mt-2"><PersonRow person={chosen} /></div>}
    </div>
  );
}

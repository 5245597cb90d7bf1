import { IconSearch } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { type Ref, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Suggestion } from '../../../api/types.ts';
import { Combobox } from '../../../ui/Combobox.tsx';
import { suggestionKey, SuggestionText } from './SuggestionText.tsx';
import { useSuggestions } from './useSuggestions.ts';

/** The search field of every page. */
export function SearchBox({ treeId, inputRef }: { treeId: string; inputRef: Ref<HTMLInputElement> }) {
  const { t } = useTranslation('common');
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const options = useSuggestions(treeId, text);
  const search = (q: string) => {
    if (q.trim()) void navigate({ to: '/t/$tree/search', params: { tree: treeId }, search: { q: q.trim() } });
  };
  const choose = ({ kind, id, text: chosen }: Suggestion) => {
    if (id && kind === 'person') void navigate({ to: '/t/$tree/people/$id/{-$tab}', params: { tree: treeId, id } });
    else if (id && kind === 'place') void navigate({ to: '/t/$tree/places/$id', params: { tree: treeId, id } });
    else if (id && kind === 'source') void navigate({ to: '/t/$tree/sources/$id', params: { tree: treeId, id } });
    else search(chosen);
    setText('');
  };
  return (
    <Combobox
      label={t('search.label')}
      labelHidden
      placeholder={t('search.placeholder')}
      text={text}
      onText={setText}
      options={options}
      optionKey={suggestionKey}
      renderOption={(option) => <SuggestionText suggestion={option} />}
      onChoose={choose}
      onEnter={() => search(text)}
      status={t('search.suggestions', { count: options.length })}
      inputRef={inputRef}
      icon={<IconSearch className="size-5" />}
    />
  );
}

import { IconBook, IconMapPin, IconUsers } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Suggestion } from '../../../api/types.ts';
import { Face, Life, nameOf } from '../../archive/index.ts';

const icons = { surname: IconUsers, given: IconUsers, place: IconMapPin, source: IconBook };

export function SuggestionText({ suggestion }: { suggestion: Suggestion }) {
  const { t } = useTranslation('common');
  if (suggestion.kind === 'person' && suggestion.person) {
    return (
      <span className="flex items-center gap-3">
        <Face person={suggestion.person} />
        <span className="min-w-0">
          <bdi className="block truncate font-semibold">{nameOf(suggestion.person, t)}</bdi>
          <Life person={suggestion.person} className="text-sm" />
        </span>
      </span>
    );
  }
  const Icon = icons[suggestion.kind as keyof typeof icons] ?? IconUsers;
  return (
    <span className="flex min-h-9 items-center gap-3">
      <span className="flex size-9 items-center justify-center text-ink-2"><Icon aria-hidden className="size-5" /></span>
      <bdi className="min-w-0 flex-1 truncate">{suggestion.text}</bdi>
      <span className="text-sm text-ink-2">{t(`suggestion.${suggestion.kind as 'surname'}`)}</span>
      <span className="tabular text-sm text-ink-2">{suggestion.count}</span>
    </span>
  );
}

export function suggestionKey(suggestion: Suggestion): string {
  return `${suggestion.kind}/${suggestion.id ?? suggestion.text}`;
}

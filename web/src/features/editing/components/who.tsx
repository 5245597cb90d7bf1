/** Who is meant by a name: people who are there first, with what tells two of the same name apart; last the one that would be new. */
import { IconUserPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { familyOfQuery, findPeopleQuery } from '../../../api/queries.ts';
import type { PersonBrief } from '../../../api/types.ts';
import { useDelayed } from '../../../lib/useDelayed.ts';
import { Face, Life, nameOf } from '../../archive/index.ts';
import { readQuick } from '../model/relatives.ts';

const PAUSE_MS = 150;

export type Who = { kind: 'known'; person: PersonBrief } | { kind: 'create'; text: string };
export const whoKey = (who: Who): string => (who.kind === 'known' ? who.person.id : 'create');

/** Nothing while nothing is typed. @param not whoever cannot be meant */
export function useWho(treeId: string, text: string, not: ReadonlySet<string>): Who[] {
  const { given, surname } = readQuick(text);
  const asked = useDelayed(`${given} ${surname}`.trim(), PAUSE_MS);
  const { data } = useQuery({ ...findPeopleQuery(treeId, asked), enabled: asked.length > 1 });
  if (text.trim() === '') return [];
  const found = text.trim().length > 1 ? (data?.items ?? []).flatMap(({ person }) => (person && !not.has(person.id) ? [person] : [])) : [];
  return [...found.map((person) => ({ kind: 'known' as const, person })), { kind: 'create', text: text.trim() }];
}

/** Whose child somebody is and whom they married. */
function Kin({ person }: { person: PersonBrief }) {
  const { t } = useTranslation('editing');
  const { t: common } = useTranslation('common');
  const { data } = useQuery(familyOfQuery(person.treeId, person.id));
  const parents = data?.parentFamilies[0]?.partners ?? [];
  const partners = data?.unions.flatMap(({ partner }) => partner ?? []) ?? [];
  const names = (people: PersonBrief[]) => people.map((one) => nameOf(one, common)).join(', ');
  return (
    <span className="block text-sm text-ink-2">
      {parents.length > 0 && <bdi className="block">{t('add.child_of', { names: names(parents) })}</bdi>}
      {partners.length > 0 && <bdi className="block">{t('add.partner_of', { names: names(partners) })}</bdi>}
    </span>
  );
}

export function WhoOption({ option }: { option: Who }) {
  const { t } = useTranslation('editing');
  const { t: common } = useTranslation('common');
  if (option.kind === 'create') {
    return (
      <span className="flex min-h-9 items-center gap-3 font-semibold">
        <span className="flex size-9 items-center justify-center"><IconUserPlus aria-hidden className="size-5" /></span>{t('add.create', { name: option.text })}
      </span>
    );
  }
  const { person } = option;
  return (
    <span className="flex items-center gap-3">
      <Face person={person} />
      <span className="min-w-0">
        <bdi className="font-semibold">{nameOf(person, common)}</bdi> <Life person={person} className="text-sm" />
        <Kin person={person} />
      </span>
    </span>
  );
}

import type { TFunction } from 'i18next';
import { ApiError } from '../../api/client.ts';
import type { Fact, PersonBrief } from '../../api/types.ts';

type T = TFunction<'common'>;

/** What a person is called in a list: "Living person" where that is all one may know. */
export function nameOf(person: PersonBrief, t: T): string {
  if (person.hidden) return t('person.hidden');
  return person.name || t('person.unnamed');
}

/** Name of a fact: what the file calls it, else our word for the tag, else the tag. */
export function factName(fact: { type: string; typeText: string | null }, t: T): string {
  if (fact.typeText && (fact.type === 'EVEN' || fact.type === 'FACT')) return fact.typeText;
  const known = t(`fact.${fact.type}` as 'fact.BIRT', { defaultValue: '' });
  const name = known || fact.type.replace(/^_/, '');
  return fact.typeText ? `${name} (${fact.typeText})` : name;
}

export function factKey(fact: Fact): string {
  return `${fact.familyId ?? ''}/${fact.id}`;
}

/** What failed, in the reader's words; `detail` of the server where it has said more. */
export function failureText(error: unknown, t: T): { title: string; detail: string; reference: string | undefined } {
  if (!(error instanceof ApiError)) return { title: t('failure.unexpected'), detail: String(error), reference: undefined };
  const { code, detail, requestId } = error.problem;
  const title = t(`failure.${code}` as 'failure.unexpected', { defaultValue: '' }) || t('failure.unexpected');
  return { title, detail, reference: requestId ? t('failure.reference', { id: requestId }) : undefined };
}

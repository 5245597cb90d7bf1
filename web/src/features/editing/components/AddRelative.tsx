import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Pedigree, Person, PersonBrief, PersonFamily, Sex } from '../../../api/types.ts';
import { Button } from '../../../ui/Button.tsx';
import { Combobox } from '../../../ui/Combobox.tsx';
import { SelectField, TextField } from '../../../ui/fields.tsx';
import { Card } from '../../../ui/Page.tsx';
import { nameOf } from '../../archive/index.ts';
import { type Draft, PEDIGREES, type Part } from '../model/draft.ts';
import type { Operation } from '../model/operations.ts';
import { refusalText } from '../model/refusal.ts';
import { familiesFor, likelyFamily, type Quick, readQuick, type Relation, relativeOperations } from '../model/relatives.ts';
import { useSave } from '../model/useSave.ts';
import { DateField } from './DateField.tsx';
import { FormProvider, goOn } from './form.tsx';
import { PlaceField } from './PlaceField.tsx';
import { useWho, type Who, whoKey, WhoOption } from './who.tsx';

const NEW_PERSON = '#person';
const EXPECTED_SEX: Partial<Record<Relation, Sex>> = { father: 'M', mother: 'F' };

/** Type a name: people who are there first, then the one that would be new. */
function WhoField({ treeId, not, label, onKnown, onCreate }: {
  treeId: string;
  /** Whoever cannot be meant. */
  not: ReadonlySet<string>;
  label: string;
  onKnown(person: PersonBrief): void;
  onCreate(quick: Quick): void;
}) {
  const { t } = useTranslation('editing');
  const { t: common } = useTranslation('common');
  const [text, setText] = useState('');
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const options = useWho(treeId, text, not);
  return (
    <Combobox<Who>
      label={label}
      placeholder={t('add.placeholder')}
      text={text}
      onText={setText}
      options={options}
      optionKey={whoKey}
      renderOption={(option) => <WhoOption option={option} />}
      onChoose={(option) => (option.kind === 'known' ? onKnown(option.person) : onCreate(readQuick(option.text)))}
      onEnter={() => text.trim() && onCreate(readQuick(text))}
      status={common('search.suggestions', { count: options.length - 1 })}
      inputRef={input}
    />
  );
}

interface NewOne {
  given: string;
  surname: string;
  sex: Sex;
  birth: Part;
}

function recordOf({ given, surname, sex, birth }: NewOne): Operation {
  const { date, place, placeId } = birth.fields;
  const born = date || place ? [{ type: 'BIRT', ...(date ? { date } : {}), ...(placeId ? { place: { id: placeId } } : place ? { place } : {}) }] : [];
  return { kind: 'person', sex, names: [{ given, surname }], ...(born.length ? { facts: born } : {}) };
}

function newOne(quick: Quick, sex: Sex): NewOne {
  return { given: quick.given, surname: quick.surname, sex, birth: { key: 'birth', kind: 'fact', owner: '', fields: { type: 'BIRT', date: quick.birth, place: quick.place, placeId: '' } } };
}

/** The fields of somebody who is not there yet. */
function NewOneFields({ treeId, one, change }: { treeId: string; one: NewOne; change(next: NewOne): void }) {
  const { t } = useTranslation('editing');
  const first = useRef<HTMLDivElement>(null);
  useEffect(() => first.current?.querySelector('input')?.focus(), []);
  const draft: Draft = { kind: 'person', id: 'new', treeId, version: 0, names: {}, parts: [one.birth] };
  const form = {
    draft, wrong: [], place: () => {},
    step: (step: { type: string; fields?: Record<string, string> }) => change({ ...one, birth: { ...one.birth, fields: { ...one.birth.fields, ...step.fields } } }),
  };
  return (
    <FormProvider value={form}>
      <div ref={first} className="grid gap-3 sm:grid-cols-2">
        <TextField label={t('name.given')} dir="auto" autoComplete="off" value={one.given} onChange={(event) => change({ ...one, given: event.target.value })} />
        <TextField label={t('name.surname')} dir="auto" autoComplete="off" value={one.surname} onChange={(event) => change({ ...one, surname: event.target.value })} />
        <SelectField label={t('sex.label')} value={one.sex} className="sm:col-span-2" onChange={(event) => change({ ...one, sex: event.target.value as Sex })}>
          {(['F', 'M', 'X', 'U'] as const).map((sex) => <option key={sex} value={sex}>{t(`sex.${sex}`)}</option>)}
        </SelectField>
        <DateField part={one.birth} label={t('add.born')} />
        <PlaceField part={one.birth} label={t('add.birthplace')} />
      </div>
    </FormProvider>
  );
}

/** Why it was not done; takes the focus. */
function Trouble({ text }: { text: string }) {
  const box = useRef<HTMLParagraphElement>(null);
  useEffect(() => box.current?.focus(), []);
  return <p ref={box} role="alert" tabIndex={-1} className="rounded-input border border-danger p-3 font-semibold text-danger">{text}</p>;
}

/** Which family is meant, where there are several or a new one is as likely. */
function FamilyChoice({ relation, family, chosen, onChoose }: { relation: Relation; family: PersonFamily; chosen: string | null; onChoose(id: string | null): void }) {
  const { t } = useTranslation('editing');
  const { t: common } = useTranslation('common');
  const ids = familiesFor(relation, family);
  if (ids.length === 0) return null;
  const label = (id: string): string => {
    const union = family.unions.find(({ familyId }) => familyId === id);
    const parents = family.parentFamilies.find(({ familyId }) => familyId === id);
    const people = union ? (union.partner ? [union.partner] : []) : (parents?.partners ?? []);
    const children = (union ?? parents)?.children ?? [];
    if (people.length > 0) return t('add.family_with', { names: people.map((one) => nameOf(one, common)).join(', ') });
    return t('add.family_of', { names: children.map(({ person }) => nameOf(person, common)).join(', ') });
  };
  return (
    <SelectField label={t('add.family')} value={chosen ?? ''} onChange={(event) => onChoose(event.target.value || null)}>
      {ids.map((id) => <option key={id} value={id}>{label(id)}</option>)}
      <option value="">{t('add.family_new')}</option>
    </SelectField>
  );
}

/** A father, mother, spouse, child, brother or sister, added where one stands. */
export function AddRelative({ person, relation, into: wanted, onClose }: {
  person: Person;
  relation: Relation;
  /** The family that is meant; the likely one where it is left out. */
  into?: string;
  onClose(): void;
}) {
  const { t } = useTranslation('editing');
  const { t: people } = useTranslation('people');
  const { t: common } = useTranslation('common');
  const family = person.family ?? { parentFamilies: [], unions: [] };
  const [into, setInto] = useState<string | null>(wanted ?? likelyFamily(relation, family));
  const [pedigree, setPedigree] = useState<Pedigree | ''>('');
  const [fresh, setFresh] = useState<NewOne | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const { save } = useSave(person.treeId);
  const byDescent = relation === 'child' || relation === 'sibling' || (into === null && relation !== 'spouse');
  const name = nameOf(person.brief, common);

  const add = async (other: string, first: Operation[]) => {
    setBusy(true);
    setTrouble(null);
    try {
      const done = await save([...first, ...relativeOperations({ relation, self: person.id, other, family: into, pedigree: byDescent ? pedigree : '' })]);
      if (done) onClose();
    } catch (error) {
      setTrouble(refusalText(error, t));
    } finally {
      setBusy(false);
    }
  };
  const addNew = (one: NewOne) => void add(NEW_PERSON, [{ op: 'create', ref: NEW_PERSON, record: recordOf(one) }]);

  return (
    <Card title={t(`add.${relation}`, { name })} className="mb-6 border-accent">
      <form
        aria-label={t(`add.${relation}`, { name })}
        className="space-y-3"
        onKeyDown={(event) => {
          if (event.key === 'Escape' && !event.defaultPrevented) onClose();
          else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && fresh) addNew(fresh);
          else goOn(event);
        }}
        onSubmit={(event) => {
          event.preventDefault();
          if (fresh) addNew(fresh);
        }}
      >
        {trouble !== null && <Trouble key={trouble} text={trouble} />}
        <div className="grid gap-3 sm:grid-cols-2">
          {wanted === undefined && <FamilyChoice relation={relation} family={family} chosen={into} onChoose={setInto} />}
          {byDescent && (
            <SelectField label={t('add.pedigree')} value={pedigree} onChange={(event) => setPedigree(event.target.value as Pedigree | '')}>
              <option value="">{t('add.pedigree_none')}</option>
              {PEDIGREES.map((kind) => <option key={kind} value={kind}>{people(`pedigree.${kind}`)}</option>)}
            </SelectField>
          )}
        </div>
        {fresh
          ? <NewOneFields treeId={person.treeId} one={fresh} change={setFresh} />
          : (
            <WhoField treeId={person.treeId} not={new Set([person.id])} label={t('add.who')}
              onKnown={(known) => void add(known.id, [])}
              onCreate={(quick) => setFresh(newOne(quick, EXPECTED_SEX[relation] ?? 'U'))} />
          )}
        <div className="flex flex-wrap gap-2">
          {fresh && <Button kind="primary" type="submit" aria-disabled={busy}>{busy ? t('saving') : t('add.save')}</Button>}
          <Button onClick={onClose}>{t('cancel')}</Button>
        </div>
      </form>
    </Card>
  );
}

/** Somebody without relatives yet: the first person of a tree, or one to be linked later. */
export function NewPerson({ treeId, onClose }: { treeId: string; onClose(): void }) {
  const { t } = useTranslation('editing');
  const navigate = useNavigate();
  const [fresh, setFresh] = useState<NewOne | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const { save } = useSave(treeId);
  const open = (id: string) => void navigate({ to: '/t/$tree/people/$id/{-$tab}', params: { tree: treeId, id } });
  const add = async (one: NewOne) => {
    setTrouble(null);
    try {
      const done = await save([{ op: 'create', ref: NEW_PERSON, record: recordOf(one) }]);
      if (done) open(done.created[0]!);
    } catch (error) {
      setTrouble(refusalText(error, t));
    }
  };
  return (
    <Card title={t('add.person')} className="mb-6 border-accent">
      <form
        aria-label={t('add.person')}
        className="space-y-3"
        onKeyDown={(event) => {
          if (event.key === 'Escape' && !event.defaultPrevented) onClose();
          else goOn(event);
        }}
        onSubmit={(event) => {
          event.preventDefault();
          if (fresh) void add(fresh);
        }}
      >
        {trouble !== null && <Trouble key={trouble} text={trouble} />}
        {fresh
          ? <NewOneFields treeId={treeId} one={fresh} change={setFresh} />
          : <WhoField treeId={treeId} not={new Set()} label={t('add.who')} onKnown={({ id }) => open(id)} onCreate={(quick) => setFresh(newOne(quick, 'U'))} />}
        <div className="flex flex-wrap gap-2">
          {fresh && <Button kind="primary" type="submit">{t('add.save')}</Button>}
          <Button onClick={onClose}>{t('cancel')}</Button>
        </div>
      </form>
    </Card>
  );
}

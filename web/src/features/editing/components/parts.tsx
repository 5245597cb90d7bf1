import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { SelectField } from '../../../ui/fields.tsx';
import { Fold } from '../../../ui/Fold.tsx';
import { factName } from '../../archive/index.ts';
import { ATTRIBUTES, FAMILY_FACTS, idList, NAME_KINDS, newKey, type Part, PEDIGREES, PERSON_FACTS, partAt, partsOf } from '../model/draft.ts';
import { Citations } from './Citations.tsx';
import { DateField } from './DateField.tsx';
import { PartSelect, PartText, useForm, WrongText } from './form.tsx';
import { PlaceField } from './PlaceField.tsx';

function RemoveButton({ part, label }: { part: Part; label: string }) {
  const { step } = useForm();
  return <IconButton label={label} icon={<IconTrash aria-hidden className="size-5" />} onClick={() => step({ type: 'remove', key: part.key })} />;
}

function NameFields({ part, only }: { part: Part; only: boolean }) {
  const { t } = useTranslation('editing');
  const { t: people } = useTranslation('people');
  const known = (NAME_KINDS as readonly string[]).includes(part.fields['kind'] ?? '');
  const rare = ['prefix', 'nickname', 'surnamePrefix', 'suffix'].some((field) => part.fields[field]);
  return (
    <fieldset className="border-b border-line pb-4 last:border-b-0">
      <legend className="sr-only">{t('name.one')}</legend>
      <div className="grid gap-3 sm:grid-cols-[1fr_1fr_12rem_auto]">
        <PartText part={part} field="given" label={t('name.given')} />
        <PartText part={part} field="surname" label={t('name.surname')} />
        <PartSelect part={part} field="kind" label={t('name.kind')}>
          <option value="">{t('name.plain')}</option>
          {!known && part.fields['kind'] && <option value={part.fields['kind']}>{part.fields['kind']}</option>}
          {NAME_KINDS.map((kind) => <option key={kind} value={kind}>{people(`name.${kind}`)}</option>)}
        </PartSelect>
        {!only && <span className="self-end"><RemoveButton part={part} label={t('name.remove')} /></span>}
      </div>
      <Fold className="mt-2" open={rare} title={t('name.more')}>
        <div className="grid gap-3 pb-2 sm:grid-cols-4">
          {(['prefix', 'nickname', 'surnamePrefix', 'suffix'] as const).map((field) => <PartText key={field} part={part} field={field} label={t(`name.${field}`)} />)}
        </div>
        <Citations owner={part.key} />
      </Fold>
      <WrongText part={part} field="" />
    </fieldset>
  );
}

export function Names() {
  const { t } = useTranslation('editing');
  const { draft, step } = useForm();
  const names = partsOf(draft, 'name');
  return (
    <div className="space-y-4">
      {names.map((part) => <NameFields key={part.key} part={part} only={names.length === 1} />)}
      <Button kind="quiet" icon={<IconPlus aria-hidden className="size-5" />}
        onClick={() => step({ type: 'add', part: { key: newKey(), kind: 'name', owner: '', fields: { given: '', surname: '', kind: names.length ? 'aka' : '' } } })}>
        {t('name.add')}
      </Button>
    </div>
  );
}

export function SexAndLiving() {
  const { t } = useTranslation('editing');
  const { draft } = useForm();
  const part = partAt(draft, '')!;
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <PartSelect part={part} field="sex" label={t('sex.label')}>
        {(['F', 'M', 'X', 'U'] as const).map((sex) => <option key={sex} value={sex}>{t(`sex.${sex}`)}</option>)}
      </PartSelect>
      <PartSelect part={part} field="living" label={t('living.label')}>
        {(['', 'true', 'false'] as const).map((word) => <option key={word} value={word}>{t(`living.${word || 'rule'}` as 'living.rule')}</option>)}
      </PartSelect>
    </div>
  );
}

export function Notes({ owner }: { owner: string }) {
  const { t } = useTranslation('editing');
  const { draft, step } = useForm();
  return (
    <div className="space-y-2">
      {partsOf(draft, 'note', owner).map((part) => (
        <div key={part.key} className="flex items-start gap-2">
          <PartText part={part} field="text" label={t('note.label')} rows={3} className="flex-1" />
          <span className="pt-6"><RemoveButton part={part} label={t('note.remove')} /></span>
        </div>
      ))}
      <Button kind="quiet" icon={<IconPlus aria-hidden className="size-5" />}
        onClick={() => step({ type: 'add', part: { key: newKey(), kind: 'note', owner, fields: { text: '' } } })}>
        {t('note.add')}
      </Button>
    </div>
  );
}

function FactFields({ part, fresh }: { part: Part; fresh: boolean }) {
  const { t } = useTranslation('editing');
  const { t: common } = useTranslation('common');
  const box = useRef<HTMLFieldSetElement>(null);
  // A fact that was just added is where one goes on typing.
  useEffect(() => {
    if (fresh) box.current?.querySelector<HTMLElement>('input')?.focus();
  }, [fresh]);
  const type = part.fields['type'] ?? '';
  const says = ATTRIBUTES.has(type) || Boolean(part.fields['value']);
  const named = type === 'EVEN' || type === 'FACT' || Boolean(part.fields['typeText']);
  const { draft } = useForm();
  // As it began: what is typed does not fold and unfold it.
  const [unfolded] = useState(() => fresh || Boolean(part.fields['cause']) || partsOf(draft, 'note', part.key).length + partsOf(draft, 'citation', part.key).length > 0);
  const name = factName({ type, typeText: null }, common);
  return (
    <fieldset ref={box} id={`edit-${part.key}`} className="border-b border-line pb-4 last:border-b-0">
      <div className="flex items-center justify-between gap-2">
        <legend className="float-start font-semibold">{name}</legend>
        <RemoveButton part={part} label={t('fact.remove', { name })} />
      </div>
      <div className="grid gap-3 sm:grid-cols-2">
        {named && <PartText part={part} field="typeText" label={t('fact.kind')} className="sm:col-span-2" />}
        {says && <PartText part={part} field="value" label={t('fact.value')} className="sm:col-span-2" />}
        <DateField part={part} label={t('fact.date')} />
        <PlaceField part={part} label={t('fact.place')} />
      </div>
      <Fold className="mt-1" open={unfolded} title={t('fact.more')}>
        <div className="space-y-3 pb-2">
          {(type === 'DEAT' || part.fields['cause']) && <PartText part={part} field="cause" label={t('fact.cause')} />}
          <Citations owner={part.key} />
          <Notes owner={part.key} />
        </div>
      </Fold>
      <WrongText part={part} field="" />
      <WrongText part={part} field="type" />
    </fieldset>
  );
}

export function Facts() {
  const { t } = useTranslation('editing');
  const { t: common } = useTranslation('common');
  const { draft, step } = useForm();
  const [fresh, setFresh] = useState('');
  const types: readonly string[] = draft.kind === 'family' ? FAMILY_FACTS : PERSON_FACTS;
  const add = (type: string) => {
    const key = newKey();
    setFresh(key);
    step({ type: 'add', part: { key, kind: 'fact', owner: '', fields: { type, typeText: '', value: '', date: '', place: '', placeId: '', cause: '' } } });
  };
  return (
    <div className="space-y-4">
      {partsOf(draft, 'fact').map((part) => <FactFields key={part.key} part={part} fresh={part.key === fresh} />)}
      <SelectField label={t('fact.add')} value="" className="max-w-sm" onChange={(event) => event.target.value && add(event.target.value)}>
        <option value="">{t('fact.choose')}</option>
        {types.map((type) => <option key={type} value={type}>{factName({ type, typeText: null }, common)}</option>)}
      </SelectField>
    </div>
  );
}

/** A family's partners, and who is none. */
export function Partners() {
  const { t } = useTranslation('editing');
  const { draft, step } = useForm();
  const partners = idList(partAt(draft, '')!.fields['partners'] ?? '');
  if (partners.length === 0) return <p className="text-ink-2">{t('partner.none')}</p>;
  return (
    <ul className="space-y-2">
      {partners.map((id) => (
        <li key={id} className="flex items-center gap-2">
          <bdi className="flex-1 font-semibold">{draft.names[id] ?? ''}</bdi>
          <IconButton label={t('partner.remove', { name: draft.names[id] ?? '' })} icon={<IconTrash aria-hidden className="size-5" />}
            onClick={() => step({ type: 'field', key: '', fields: { partners: partners.filter((one) => one !== id).join(' ') } })} />
        </li>
      ))}
    </ul>
  );
}

/** A family's children: their order, how they belong to it, and who does not. */
export function ChildrenOrder() {
  const { t } = useTranslation('editing');
  const { t: people } = useTranslation('people');
  const { draft, step } = useForm();
  const part = partAt(draft, '')!;
  const children = idList(part.fields['children'] ?? '');
  const put = (ids: string[]) => step({ type: 'field', key: '', fields: { children: ids.join(' ') } });
  const move = (from: number, to: number) => put(children.with(from, children[to]!).with(to, children[from]!));
  if (children.length === 0) return <p className="text-ink-2">{people('family.no_children')}</p>;
  return (
    <ol className="space-y-2">
      {children.map((id, index) => {
        const name = draft.names[id] ?? '';
        return (
          <li key={id} className="flex flex-wrap items-end gap-2 border-b border-line pb-2 last:border-b-0">
            <bdi className="min-w-40 flex-1 pb-2.5 font-semibold">{name}</bdi>
            <PartSelect part={part} field={`pedigree:${id}`} label={t('child.pedigree', { name })} className="w-44">
              {PEDIGREES.map((kind) => <option key={kind} value={kind}>{people(`pedigree.${kind}`)}</option>)}
            </PartSelect>
            <IconButton label={t('child.up', { name })} disabled={index === 0} icon={<IconArrowUp aria-hidden className="size-5" />} onClick={() => move(index, index - 1)} />
            <IconButton label={t('child.down', { name })} disabled={index === children.length - 1} icon={<IconArrowDown aria-hidden className="size-5" />}
              onClick={() => move(index, index + 1)} />
            <IconButton label={t('child.remove', { name })} icon={<IconTrash aria-hidden className="size-5" />} onClick={() => put(children.filter((one) => one !== id))} />
          </li>
        );
      })}
    </ol>
  );
}

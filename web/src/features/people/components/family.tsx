import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ChildRef, ParentFamily, PersonFamily, Union, UnionFacts } from '../../../api/types.ts';
import { cx } from '../../../lib/class.ts';
import { DateText, nameOf, PersonRow, PlaceText } from '../../archive/index.ts';

/** How two people belong together, with date and place. */
export function UnionLine({ union, treeId }: { union: UnionFacts; treeId: string }) {
  const { t } = useTranslation('people');
  const status = t(`union.${union.status}` as 'union.married', { defaultValue: union.status });
  return (
    <p className="text-sm text-ink-2">
      {status}
      {union.marriage?.date && <> · <DateText date={union.marriage.date} /></>}
      {union.marriage?.place && <> · <PlaceText place={union.marriage.place} treeId={treeId} /></>}
    </p>
  );
}

export function Children({ items, self }: { items: ChildRef[]; self?: string }) {
  const { t } = useTranslation('people');
  const { t: common } = useTranslation('common');
  if (items.length === 0) return null;
  return (
    <ol className="mt-1 border-s-2 border-line ps-4">
      {items.map(({ person, pedigree }) => (
        <li key={person.id}>
          {person.id === self
            ? <span className="flex min-h-11 items-center font-semibold" aria-current="true"><bdi>{nameOf(person, common)}</bdi></span>
            : <PersonRow person={person} note={pedigree === 'birth' || pedigree === 'unknown' ? null : t(`pedigree.${pedigree}`)} />}
        </li>
      ))}
    </ol>
  );
}

function FamilyLink({ treeId, id, label }: { treeId: string; id: string; label: string }) {
  return <Link to="/t/$tree/families/$id" params={{ tree: treeId, id }} className="prose-link text-sm">{label}</Link>;
}

function Parents({ family, treeId, self }: { family: ParentFamily; treeId: string; self: string }) {
  const { t } = useTranslation('people');
  const nameById = (id: string) => {
    const partner = family.partners.find((person) => person.id === id);
    return partner ? partner.given || partner.name : '';
  };
  return (
    <div className={cx('py-3', !family.primary && 'border-t border-line')}>
      <div className="flex flex-wrap items-baseline justify-between gap-2">
        <h3 className="font-semibold">
          {family.pedigree === 'birth' || family.pedigree === 'unknown' ? t('family.parents') : t('family.parents_by', { kind: t(`pedigree.${family.pedigree}`) })}
        </h3>
        <FamilyLink treeId={treeId} id={family.familyId} label={t('family.open')} />
      </div>
      {family.partners.map((person) => <PersonRow key={person.id} person={person} />)}
      <UnionLine union={family.union} treeId={treeId} />
      <Children items={family.children} self={self} />
      {family.halfSiblings.map(({ partnerId, children }) => (
        <div key={partnerId} className="mt-3">
          <h4 className="text-sm font-semibold text-ink-2">{t('family.half', { name: nameById(partnerId) })}</h4>
          <Children items={children} />
        </div>
      ))}
    </div>
  );
}

function OwnUnion({ union, treeId }: { union: Union; treeId: string }) {
  const { t } = useTranslation('people');
  return (
    <div className="border-t border-line py-3 first:border-t-0">
      <div className="flex flex-wrap items-baseline justify-between gap-2">
        <h3 className="font-semibold">{t('family.union')}</h3>
        <FamilyLink treeId={treeId} id={union.familyId} label={t('family.open')} />
      </div>
      {union.partner ? <PersonRow person={union.partner} /> : <p className="text-ink-2">{t('family.partner_unknown')}</p>}
      <UnionLine union={union.union} treeId={treeId} />
      <Children items={union.children} />
    </div>
  );
}

export function FamilyView({ family, treeId, self }: { family: PersonFamily; treeId: string; self: string }) {
  const { t } = useTranslation('people');
  if (family.parentFamilies.length + family.unions.length === 0) return <p className="text-ink-2">{t('family.none')}</p>;
  return (
    <>
      {family.parentFamilies.map((parents) => <Parents key={parents.familyId} family={parents} treeId={treeId} self={self} />)}
      {family.unions.length > 0 && family.parentFamilies.length > 0 && <hr className="border-line" />}
      {family.unions.map((union) => <OwnUnion key={union.familyId} union={union} treeId={treeId} />)}
    </>
  );
}

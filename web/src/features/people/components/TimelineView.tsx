import { useTranslation } from 'react-i18next';
import type { DateValue, TimelineEntry } from '../../../api/types.ts';
import { cx } from '../../../lib/class.ts';
import { ageAt, showShort } from '../../../lib/dates.ts';
import { factKey, factName, PersonLink, PlaceText } from '../../archive/index.ts';

function Entry({ entry, birth, treeId }: { entry: TimelineEntry; birth: DateValue | null; treeId: string }) {
  const { t, i18n } = useTranslation('people');
  const { t: common } = useTranslation('common');
  const { fact } = entry;
  const own = entry.relation === 'self';
  const years = own && fact.type === 'BIRT' ? null : ageAt(birth, fact.date);
  return (
    <li className="relative grid grid-cols-[4.5rem_1fr] gap-x-6 pb-4 sm:grid-cols-[6rem_1fr]">
      <span className="tabular pt-0.5 text-end text-sm text-ink-2">{showShort(fact.date, i18n.language, common) || t('timeline.undated')}</span>
      <span
        aria-hidden
        className={cx('absolute top-2 start-[5.25rem] size-3 -translate-x-1/2 rounded-full border-2 rtl:translate-x-1/2 sm:start-[6.75rem]', own ? 'border-accent bg-accent' : 'border-line-strong bg-card')}
      />
      <div className="min-w-0">
        <span className={cx(own && 'font-semibold')}>{factName(fact, common)}</span>
        {!own && entry.person && <> · {t(`relation.${entry.relation as 'child'}`)} <PersonLink person={entry.person} /></>}
        {own && fact.partner && <> · <PersonLink person={fact.partner} /></>}
        {fact.value && <> · <bdi>{fact.value}</bdi></>}
        {fact.place?.text && <span className="block text-sm text-ink-2"><PlaceText place={fact.place} treeId={treeId} /></span>}
        {years !== null && <span className="block text-sm text-ink-2">{common('age.years', { count: years })}</span>}
      </div>
    </li>
  );
}

export function TimelineView({ items, birth, treeId }: { items: TimelineEntry[]; birth: DateValue | null; treeId: string }) {
  const { t } = useTranslation('people');
  if (items.length === 0) return <p className="text-ink-2">{t('timeline.empty')}</p>;
  return (
    <ol className="relative before:absolute before:inset-y-2 before:start-[5.25rem] before:w-px before:bg-line sm:before:start-[6.75rem]">
      {items.map((entry) => <Entry key={`${entry.relation}/${entry.person?.id ?? ''}/${factKey(entry.fact)}`} entry={entry} birth={birth} treeId={treeId} />)}
    </ol>
  );
}

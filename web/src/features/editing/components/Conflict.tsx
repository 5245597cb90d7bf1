import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/class.ts';
import { type Shortcut, useShortcuts } from '../../../lib/keys.ts';
import { Button } from '../../../ui/Button.tsx';
import { factName } from '../../archive/index.ts';
import { type Draft, idList, type Part, partAt } from '../model/draft.ts';
import type { Clash, Merged, Side } from '../model/merge.ts';

const SIDES: readonly Side[] = ['base', 'mine', 'theirs'];

/** What a part is called: the name, the fact, or what it hangs under. */
function usePartName() {
  const { t } = useTranslation('editing');
  const { t: common } = useTranslation('common');
  return (part: Part, draft: Draft): string => {
    const fact = part.kind === 'fact' ? part : partAt(draft, part.owner);
    const of = fact?.kind === 'fact' ? factName({ type: fact.fields['type'] ?? '', typeText: null }, common) : '';
    if (part.kind === 'fact') return of;
    return [t(`part.${part.kind}` as 'part.fact'), of].filter(Boolean).join(' · ');
  };
}

function useFieldName() {
  const { t } = useTranslation('editing');
  return (field: string): string => (field === '' ? t('field.whole') : t(`field.${field.split(':')[0]!}` as 'field.date', { defaultValue: field }));
}

function Value({ value, field, draft }: { value: string | null; field: string; draft: Draft }) {
  const { t } = useTranslation('editing');
  if (value === null) return <em className="text-ink-2">{t('conflict.gone')}</em>;
  if (value === '') return <em className="text-ink-2">{t('conflict.empty')}</em>;
  if (field === 'children' || field === 'partners') return <bdi>{idList(value).map((id) => draft.names[id] ?? id).join(', ')}</bdi>;
  return <bdi className="whitespace-pre-wrap">{value}</bdi>;
}

interface Props {
  merged: Merged;
  draft: Draft;
  chosen: (Side | undefined)[];
  onChoose(clash: number, side: Side): void;
  onSave(): void;
  onBack(): void;
}

function ClashRow({ clash, index, draft, chosen, onChoose }: { clash: Clash; index: number; draft: Draft; chosen: Side | undefined; onChoose(side: Side): void }) {
  const { t } = useTranslation('editing');
  const partName = usePartName();
  const fieldName = useFieldName();
  return (
    <fieldset data-clash={index} className="rounded-card border border-line bg-card p-4">
      <legend className="px-1 font-semibold">{partName(clash.part, draft)} · {fieldName(clash.field)}</legend>
      <div className="grid gap-2 sm:grid-cols-3">
        {SIDES.map((side, n) => (
          <label key={side} className={cx('flex cursor-pointer items-start gap-3 rounded-input border p-3 has-focus-visible:outline-3 has-focus-visible:outline-focus', chosen === side ? 'border-accent bg-accent-soft' : 'border-line-strong')}>
            <input type="radio" name={`clash-${index}`} className="mt-1 size-5 shrink-0 accent-accent" checked={chosen === side} onChange={() => onChoose(side)} />
            <span className="min-w-0">
              <span className="block text-sm font-semibold">{t(`conflict.${side}`)} <kbd className="ms-1 rounded-input border border-line-strong px-1.5 font-sans">{n + 1}</kbd></span>
              <Value value={clash.values[side]} field={clash.field} draft={draft} />
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** base | mine | theirs: what only one side changed is merged already. Keys 1 2 3 settle the first that is open. */
export function Conflict({ merged, draft, chosen, onChoose, onSave, onBack }: Props) {
  const { t } = useTranslation('editing');
  const partName = usePartName();
  const fieldName = useFieldName();
  const box = useRef<HTMLHeadingElement>(null);
  useEffect(() => box.current?.focus(), []);
  const open = chosen.findIndex((side) => side === undefined);
  const shortcuts = useMemo(() => SIDES.map((side, n): Shortcut => ({
    keys: String(n + 1), name: `conflict_${side}`,
    run: () => {
      const focused = Number(document.activeElement?.closest('[data-clash]')?.getAttribute('data-clash') ?? -1);
      const at = focused >= 0 ? focused : open;
      if (at >= 0) onChoose(at, side);
    },
  })), [open, onChoose]);
  useShortcuts(shortcuts);
  return (
    <section aria-labelledby="conflict-title" className="space-y-4">
      <h2 ref={box} id="conflict-title" tabIndex={-1} className="font-serif text-xl font-semibold outline-none">{t('conflict.title')}</h2>
      <p>{merged.clashes.length > 0 ? t('conflict.text', { count: merged.clashes.length }) : t('conflict.merged')}</p>
      {merged.taken.length > 0 && (
        <div>
          <h3 className="font-semibold">{t('conflict.taken')}</h3>
          <ul className="list-disc ps-6">
            {merged.taken.map(({ part, fields, gone }) => (
              <li key={part.key}>
                {partName(part, draft)}{fields.length > 0 && `: ${fields.map(fieldName).join(', ')}`}{gone && ` – ${t('conflict.gone')}`}
                {fields.map((field) => <span key={field} className="block text-sm text-ink-2"><Value value={part.fields[field] ?? ''} field={field} draft={draft} /></span>)}
              </li>
            ))}
          </ul>
        </div>
      )}
      {merged.clashes.map((clash, index) => (
        <ClashRow key={`${clash.part.key}/${clash.field}`} clash={clash} index={index} draft={draft} chosen={chosen[index]} onChoose={(side) => onChoose(index, side)} />
      ))}
      <div className="flex flex-wrap gap-2">
        <Button kind="primary" disabled={open >= 0} onClick={onSave}>{t('conflict.save')}</Button>
        <Button onClick={onBack}>{t('conflict.back')}</Button>
      </div>
    </section>
  );
}

import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Wrong } from '../model/check.ts';
import { cellName } from './form.tsx';

export interface Trouble {
  text: string;
  /** The same may be asked again. */
  again: boolean;
}

/** What is wrong, as links to the fields; takes the focus when it appears. */
export function Summary({ wrong, trouble, go }: { wrong: Wrong[]; trouble: Trouble | null; go(one: Wrong): void }) {
  const { t } = useTranslation('editing');
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <div ref={box} role="alert" tabIndex={-1} className="rounded-card border border-danger bg-card p-4 outline-none">
      <p className="font-semibold text-danger">{trouble ? trouble.text : t('wrong.title', { count: wrong.length })}</p>
      {wrong.length > 0 && (
        <ul className="mt-2 list-disc ps-6">
          {wrong.map((one) => (
            <li key={cellName(one.key, one.field)}>
              <button type="button" className="prose-link text-start" onClick={() => go(one)}>
                {one.field && `${t(`field.${one.field.split(':')[0]!}` as 'field.date', { defaultValue: one.field })}: `}{t(`wrong.${one.reason}`, { detail: one.detail ?? '' })}
              </button>
            </li>
          ))}
        </ul>
      )}
      {trouble?.again && <p className="mt-2 text-sm">{t('refused.safe')}</p>}
    </div>
  );
}

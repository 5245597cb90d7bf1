import { useTranslation } from 'react-i18next';
import type { Difference } from '../../../api/types.ts';
import { inWords, type Words } from '../model/lines.ts';

/** One part of a record as it was, or as it is; what the other side says as well is not struck out. */
function Block({ words, other, gone }: { words: Words; other: Words | undefined; gone: boolean }) {
  const { t } = useTranslation('keeping');
  const Mark = gone ? 'del' : 'ins';
  return (
    <div className={gone ? 'border-s-4 border-danger ps-3' : 'border-s-4 border-ok ps-3'}>
      <p className="text-sm font-semibold text-ink-2">{gone ? t('diff.before') : t('diff.after')}: {words.title}</p>
      {words.details.map((line, index) => {
        const text = <bdi className="block max-w-prose whitespace-pre-wrap">{line}</bdi>;
        return other?.details.includes(line) ? <div key={index} className="text-ink-2">{text}</div> : <Mark key={index} className={gone ? 'block' : 'block no-underline'}>{text}</Mark>;
      })}
      {words.details.length === 0 && <p className="text-ink-2">{t('diff.bare')}</p>}
    </div>
  );
}

/** What two versions differ in: before and after side by side. */
export function Differences({ items }: { items: Difference[] }) {
  const { t } = useTranslation('keeping');
  const { t: common } = useTranslation('common');
  if (items.length === 0) return <p className="text-ink-2">{t('diff.none')}</p>;
  return (
    <div className="space-y-3">
      {items.map(({ field, before, after }) => {
        const [old, young] = [before, after].map((texts) => texts.map((text) => inWords(text, t, common))) as [Words[], Words[]];
        // One for one they are the same part, changed.
        const pair = (side: Words[], index: number) => (old.length === young.length ? side[index] : undefined);
        return (
          <div key={field} className="grid gap-2 sm:grid-cols-2">
            <div className="min-w-0 space-y-2">{old.map((words, index) => <Block key={index} words={words} other={pair(young, index)} gone />)}</div>
            <div className="min-w-0 space-y-2">{young.map((words, index) => <Block key={index} words={words} other={pair(old, index)} gone={false} />)}</div>
          </div>
        );
      })}
    </div>
  );
}

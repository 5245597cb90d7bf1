import { useTranslation } from 'react-i18next';
import type { Difference } from '../../../api/types.ts';
import { inWords } from '../model/lines.ts';

function Block({ text, gone }: { text: string; gone: boolean }) {
  const { t } = useTranslation('keeping');
  const { t: common } = useTranslation('common');
  const { title, details } = inWords(text, t, common);
  const Mark = gone ? 'del' : 'ins';
  return (
    <div className={gone ? 'border-l-4 border-danger pl-3' : 'border-l-4 border-ok pl-3'}>
      <p className="text-sm font-semibold text-ink-2">{gone ? t('diff.before') : t('diff.after')}: {title}</p>
      <Mark className={gone ? 'block' : 'block no-underline'}>
        {details.map((line, index) => <bdi key={index} className="block max-w-prose whitespace-pre-wrap">{line}</bdi>)}
        {details.length === 0 && <span className="text-ink-2">{t('diff.bare')}</span>}
      </Mark>
    </div>
  );
}

/** What two versions differ in, old above new. */
export function Differences({ items }: { items: Difference[] }) {
  const { t } = useTranslation('keeping');
  if (items.length === 0) return <p className="text-ink-2">{t('diff.none')}</p>;
  return (
    <div className="space-y-3">
      {items.map(({ field, before, after }) => (
        <div key={field} className="grid gap-2 sm:grid-cols-2">
          <div className="min-w-0 space-y-2">{before.map((text, index) => <Block key={index} text={text} gone />)}</div>
          <div className="min-w-0 space-y-2">{after.map((text, index) => <Block key={index} text={text} gone={false} />)}</div>
        </div>
      ))}
    </div>
  );
}

import { useTranslation } from 'react-i18next';
import { activeShortcuts } from '../lib/keys.ts';
import { useSettings } from '../lib/settings.ts';
import { Dialog } from '../ui/Dialog.tsx';

function Keys({ keys }: { keys: string }) {
  return keys.split(' ').map((key, index) => (
    <kbd key={index} className="me-1 inline-block min-w-8 rounded-input border border-line-strong bg-sunken px-2 text-center font-sans text-sm font-semibold">{key}</kbd>
  ));
}

/** The keys that work where one is, as the page itself has registered them, and those of charts. */
export function KeyMap({ open, onClose }: { open: boolean; onClose(): void }) {
  const { t } = useTranslation(['window', 'common']);
  const { singleKeys } = useSettings();
  const byName = Map.groupBy(open ? activeShortcuts() : [], (shortcut) => shortcut.name);
  return (
    <Dialog open={open} title={t('keys.title')} closeLabel={t('common:close')} onClose={onClose}>
      {!singleKeys && <p className="mb-3 text-ink-2">{t('keys.off')}</p>}
      <dl className="divide-y divide-line">
        {[...byName].map(([name, shortcuts]) => (
          <div key={name} className="flex items-center justify-between gap-4 py-2">
            <dt>{t(`keys.${name}` as 'keys.map')}</dt>
            <dd className="text-end">
              {shortcuts.map(({ keys }, index) => <span key={keys}>{index > 0 && <span className="mx-2 text-sm text-ink-2">{t('keys.or')}</span>}<Keys keys={keys} /></span>)}
            </dd>
          </div>
        ))}
      </dl>
      <h3 className="mt-5 mb-1 font-semibold">{t('keys.in_charts')}</h3>
      <dl className="divide-y divide-line">
        {(['arrows', 'enter', 'space', 'zoom'] as const).map((name) => (
          <div key={name} className="flex items-center justify-between gap-4 py-2">
            <dt>{t(`keys.${name}`)}</dt>
            <dd><Keys keys={{ arrows: '↑ ↓ ← →', enter: 'Enter', space: 'Space', zoom: '+ - 0' }[name]} /></dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { mayHavePacks } from '../../../api/packs-here.ts';
import { canKeep, countCopies, deleteCopies } from '../../../lib/copies.ts';
import { changeLanguage } from '../../../lib/i18n.ts';
import { changeSettings, DRAFT_LANGUAGES, LANGUAGES, useSettings } from '../../../lib/settings.ts';
import { Button } from '../../../ui/Button.tsx';
import { CheckField, Choice } from '../../../ui/fields.tsx';
import { Card, Page } from '../../../ui/Page.tsx';
import { Packs } from '../../device/index.ts';

const LANGUAGE_NAMES = { en: 'English', de: 'Deutsch', es: 'Español', fr: 'Français', he: 'עברית', sn: 'chiShona', nd: 'isiNdebele' } as const;

/** What lies here for reading without a connection. */
function Copies() {
  const { t } = useTranslation('settings');
  const { keepCopies } = useSettings();
  const [count, setCount] = useState<number | null>(null);
  const look = () => void countCopies().then(setCount);
  useEffect(look, [keepCopies]);
  return (
    <Card title={t('device')}>
      <CheckField label={t('copies')} hint={t('copies_hint')} checked={keepCopies} onChange={(event) => changeSettings({ keepCopies: event.target.checked })} />
      {count !== null && count > 0 && (
        <div className="mt-3 flex flex-wrap items-center gap-4">
          <p role="status">{t('copies_kept', { count })}</p>
          <Button onClick={() => void deleteCopies().then(look)}>{t('copies_delete')}</Button>
        </div>
      )}
    </Card>
  );
}

export function SettingsPage() {
  const { t } = useTranslation('settings');
  const value = useSettings();
  return (
    <Page title={t('title')} lead={t('lead')}>
      <div className="space-y-6">
        <Card title={t('language')}>
          <Choice legend={t('language')} compact name="language" value={value.language}
            options={LANGUAGES.map((language) => ({ value: language, label: <span lang={language}>{LANGUAGE_NAMES[language]}</span> }))}
            onChange={(language) => void changeLanguage(language).then(() => changeSettings({ language }))} />
          {DRAFT_LANGUAGES.has(value.language) && <p className="mt-3 text-ink-2">{t('draft')}</p>}
        </Card>
        <Card title={t('look')}>
          <div className="space-y-5">
            <Choice legend={t('theme')} name="theme" value={value.theme}
              options={(['auto', 'light', 'dark'] as const).map((theme) => ({ value: theme, label: t(`themes.${theme}`) }))}
              onChange={(theme) => changeSettings({ theme })} />
            <Choice legend={t('size')} name="size" value={value.textSize}
              options={([100, 125, 150] as const).map((size) => ({ value: size, label: t(`sizes.${size}`) }))}
              onChange={(textSize) => changeSettings({ textSize })} />
          </div>
        </Card>
        <Card title={t('use')}>
          <CheckField label={t('outline')} hint={t('outline_hint')} checked={value.outlineFirst} onChange={(event) => changeSettings({ outlineFirst: event.target.checked })} />
          <CheckField label={t('keys')} hint={t('keys_hint')} checked={value.singleKeys} onChange={(event) => changeSettings({ singleKeys: event.target.checked })} />
        </Card>
        {canKeep() && <Copies />}
        {mayHavePacks() && <Packs />}
      </div>
    </Page>
  );
}

import { useTranslation } from 'react-i18next';
import { changeLanguage } from '../../../lib/i18n.ts';
import { changeSettings, LANGUAGES, useSettings } from '../../../lib/settings.ts';
import { CheckField, Choice } from '../../../ui/fields.tsx';
import { Card, Page } from '../../../ui/Page.tsx';

const LANGUAGE_NAMES = { en: 'English', sn: 'chiShona', nd: 'isiNdebele' } as const;

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
          {value.language !== 'en' && <p className="mt-3 text-ink-2">{t('draft')}</p>}
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
      </div>
    </Page>
  );
}

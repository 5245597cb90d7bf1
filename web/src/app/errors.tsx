import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Failed } from '../features/archive/index.ts';
import { buttonClass } from '../ui/Button.tsx';
import { Page } from '../ui/Page.tsx';
import { Empty } from '../ui/states.tsx';

export function NotFound() {
  const { t } = useTranslation('common');
  return (
    <Page title={t('not_found')}>
      <Empty title={t('not_found_text')} actions={<Link to="/" className={buttonClass('primary')}>{t('nav.home')}</Link>} />
    </Page>
  );
}

/** A page that broke: said so, with a way back; the rest of the window goes on. */
export function RouteFailure({ error, reset }: { error: unknown; reset: () => void }) {
  const { t } = useTranslation('common');
  return <Page title={t('failure.unexpected')}><Failed error={error} retry={reset} /></Page>;
}

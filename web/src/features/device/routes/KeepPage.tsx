import { IconDeviceFloppy } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyBranch, type Estimate, estimatePack, makePack, type PackOrder, type Progress } from '../../../api/pack.ts';
import { personQuery, treeQuery } from '../../../api/queries.ts';
import { canSeal, PASSPHRASE_MIN } from '../../../api/vault.ts';
import { useSettings } from '../../../lib/settings.ts';
import { Button } from '../../../ui/Button.tsx';
import { CheckField, SelectField, TextField } from '../../../ui/fields.tsx';
import { Card, Page } from '../../../ui/Page.tsx';
import { PersonPicker } from '../../search/index.ts';
import { Packs } from '../components/Packs.tsx';
import { DAYS, GENERATIONS } from '../model.ts';
import { showSize } from '../size.ts';

const route = getRouteApi('/t/$tree/keep');

/** How large it will be, before anything is kept. */
function useEstimate(order: PackOrder | null): Estimate | null | 'looking' {
  const [known, setKnown] = useState<{ order: PackOrder; estimate: Estimate | null } | null>(null);
  useEffect(() => {
    if (!order) return undefined;
    const control = new AbortController();
    estimatePack(order, control.signal).then((estimate) => setKnown({ order, estimate }), () => {
      if (!control.signal.aborted) setKnown({ order, estimate: null });
    });
    return () => control.abort();
  }, [order]);
  if (!order) return null;
  return known?.order === order ? known.estimate : 'looking';
}

function Size({ order }: { order: PackOrder | null }) {
  const { t, i18n } = useTranslation('device');
  const estimate = useEstimate(order);
  if (estimate === null) return null;
  return (
    <p role="status" className="font-semibold">
      {estimate === 'looking' && t('measuring')}
      {estimate !== 'looking' && (estimate.people === 0 ? t('nobody') : t('estimate', { count: estimate.people, size: showSize(estimate.bytes, i18n.language) }))}
    </p>
  );
}

function Form({ treeId, person, onMade }: { treeId: string; person: string; onMade(): void }) {
  const { t } = useTranslation('device');
  const [order, setOrder] = useState<PackOrder>({ treeId, person, up: 4, down: 3, living: false, pictures: true });
  const [progress, setProgress] = useState<Progress | null>(null);
  const [wrong, setWrong] = useState('');
  const control = useRef<AbortController | null>(null);
  const change = (next: Partial<PackOrder>) => setOrder({ ...order, ...next });
  const make = async (form: HTMLFormElement) => {
    const values = new FormData(form);
    const passphrase = String(values.get('passphrase'));
    if (passphrase !== values.get('again')) return setWrong(t('differs'));
    setWrong('');
    control.current = new AbortController();
    setProgress({ done: 0, total: 0 });
    try {
      await makePack(order, passphrase, Number(values.get('days')), control.current.signal, setProgress);
      void navigator.storage?.persist?.();
      form.reset();
      onMade();
    } catch (error) {
      if (!control.current.signal.aborted) setWrong(error instanceof EmptyBranch ? t('nobody') : t('failed'));
    } finally {
      setProgress(null);
    }
    return undefined;
  };
  return (
    <form
      className="space-y-6"
      onSubmit={(event) => {
        event.preventDefault();
        void make(event.currentTarget);
      }}
    >
      <Card title={t('branch')}>
        <div className="flex flex-wrap gap-4">
          {(['up', 'down'] as const).map((way) => (
            <SelectField key={way} label={way === 'up' ? t('up') : t('down')} value={order[way]} className="w-56" onChange={(event) => change({ [way]: Number(event.target.value) })}>
              {GENERATIONS.map((count) => <option key={count}>{count}</option>)}
            </SelectField>
          ))}
        </div>
        <CheckField label={t('living')} hint={t('living_hint')} checked={order.living} onChange={(event) => change({ living: event.target.checked })} />
        <CheckField label={t('pictures')} checked={order.pictures} onChange={(event) => change({ pictures: event.target.checked })} />
        <Size order={progress ? null : order} />
      </Card>
      <Card title={t('secret')}>
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField label={t('passphrase')} name="passphrase" type="password" autoComplete="new-password" minLength={PASSPHRASE_MIN} required hint={t('passphrase_hint', { count: PASSPHRASE_MIN })} />
          <TextField label={t('again')} name="again" type="password" autoComplete="new-password" required />
          <SelectField label={t('keep')} name="days" defaultValue={30}>
            {DAYS.map((count) => <option key={count} value={count}>{t('days', { count })}</option>)}
          </SelectField>
        </div>
        <div className="mt-4 flex flex-wrap items-center gap-4">
          <Button type="submit" kind="primary" disabled={progress !== null} icon={<IconDeviceFloppy aria-hidden className="size-5" />}>{t('make')}</Button>
          {progress && (
            <>
              <p role="status">{t('making', { done: progress.done, total: progress.total })}</p>
              <Button onClick={() => control.current?.abort()}>{t('stop')}</Button>
            </>
          )}
        </div>
        <p role="alert" className="mt-3 text-danger empty:hidden">{wrong}</p>
      </Card>
    </form>
  );
}

/** "Keep on this device": a branch chosen, measured, made, and what is kept already. */
export function KeepPage() {
  const { t } = useTranslation('device');
  const { t: common } = useTranslation('common');
  const { tree } = route.useParams();
  const { person: wanted } = route.useSearch();
  const navigate = route.useNavigate();
  const { keepCopies } = useSettings();
  const [made, setMade] = useState(0);
  const home = useQuery(treeQuery(tree)).data?.homePersonId ?? undefined;
  const id = wanted ?? home;
  const chosen = useQuery({ ...personQuery(tree, id ?? ''), enabled: id !== undefined }).data?.brief ?? null;
  return (
    <Page title={t('title')} lead={t('lead')}>
      <div className="space-y-6">
        {!canSeal() && <Card><p>{t('impossible')}</p></Card>}
        {canSeal() && !keepCopies && (
          <Card><p>{t('copies_off')} <Link to="/settings" className="prose-link">{common('nav.settings')}</Link></p></Card>
        )}
        {canSeal() && keepCopies && (
          <>
            <PersonPicker treeId={tree} label={t('person')} chosen={chosen} onChoose={(person) => void navigate({ search: { person: person.id } })} />
            {id && <Form key={id} treeId={tree} person={id} onMade={() => setMade((count) => count + 1)} />}
          </>
        )}
        {canSeal() && <Packs made={made} />}
      </div>
    </Page>
  );
}

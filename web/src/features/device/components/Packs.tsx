import { IconLock, IconLockOpen, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { dropPack, lockPack, onOpenedPacks, openedPacks, unlockPack } from '../../../api/pack.ts';
import { type PackHead, packHeads, WrongPassphrase } from '../../../api/vault.ts';
import { Button, buttonClass } from '../../../ui/Button.tsx';
import { TextField } from '../../../ui/fields.tsx';
import { Card } from '../../../ui/Page.tsx';
import { forgetTree } from '../forget.ts';
import { showSize } from '../size.ts';

function Unlock({ pack, onGone }: { pack: PackHead; onGone(): void }) {
  const { t } = useTranslation('device');
  const client = useQueryClient();
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const unlock = async (form: HTMLFormElement) => {
    setBusy(true);
    setWrong('');
    try {
      await unlockPack(pack.id, String(new FormData(form).get('passphrase')), (tree) => forgetTree(client, tree));
      await client.invalidateQueries();
    } catch (error) {
      const expired = error instanceof Error && error.message === 'expired';
      setWrong(error instanceof WrongPassphrase ? t('wrong') : expired ? t('expired') : t('damaged'));
      if (expired) onGone();
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      className="mt-2 flex flex-wrap items-end gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        void unlock(event.currentTarget);
      }}
    >
      <TextField label={t('passphrase')} name="passphrase" type="password" autoComplete="off" required className="w-64 max-w-full" />
      <Button type="submit" disabled={busy} icon={<IconLockOpen aria-hidden className="size-5" />}>{t('unlock')}</Button>
      <p role="alert" className="basis-full text-danger empty:hidden">{wrong}</p>
    </form>
  );
}

function Pack({ pack, onGone }: { pack: PackHead; onGone(): void }) {
  const { t, i18n } = useTranslation('device');
  const opened = useSyncExternalStore(onOpenedPacks, openedPacks).find(({ id }) => id === pack.id);
  const day = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium' });
  return (
    <li className="border-b border-line py-3 last:border-b-0">
      <p className="font-semibold">{t('pack', { count: pack.people, size: showSize(pack.bytes, i18n.language) })}</p>
      <p className="text-sm text-ink-2">{t('until', { made: day.format(pack.madeAt), until: day.format(pack.expiresAt) })}</p>
      {!opened && <Unlock pack={pack} onGone={onGone} />}
      <div className="mt-2 flex flex-wrap gap-3">
        {opened && (
          <>
            <Link to="/t/$tree/people/$id/{-$tab}" params={{ tree: pack.treeId, id: opened.root.id }} className={buttonClass('primary')}>
              <bdi>{t('open', { name: opened.root.name })}</bdi>
            </Link>
            <Button icon={<IconLock aria-hidden className="size-5" />} onClick={() => lockPack(pack.id)}>{t('lock')}</Button>
          </>
        )}
        <Button kind="danger" icon={<IconTrash aria-hidden className="size-5" />} onClick={() => void dropPack(pack.id).then(onGone)}>{t('remove')}</Button>
      </div>
    </li>
  );
}

/** What is kept on this device: opened with its passphrase, locked, removed. */
export function Packs({ made = 0 }: { made?: number }) {
  const { t } = useTranslation('device');
  const [packs, setPacks] = useState<PackHead[] | null>(null);
  const look = useCallback(() => void packHeads().then(setPacks, () => setPacks([])), []);
  useEffect(look, [look, made]);
  return (
    <Card title={t('packs')}>
      {packs?.length === 0 && <p className="text-ink-2">{t('none')}</p>}
      {packs && packs.length > 0 && <ul>{packs.map((pack) => <Pack key={pack.id} pack={pack} onGone={look} />)}</ul>}
    </Card>
  );
}

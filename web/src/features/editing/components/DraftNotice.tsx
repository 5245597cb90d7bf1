import { IconPencil } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { draftName, findDraft, forgetDraft } from '../../../lib/drafts.ts';
import { Button } from '../../../ui/Button.tsx';
import type { KeptForm } from '../model/useDraft.ts';
import { showTime } from '../model/words.ts';

/** On the page of a record of which something typed is not saved yet. */
export function DraftNotice({ treeId, id, onResume }: { treeId: string; id: string; onResume(): void }) {
  const { t, i18n } = useTranslation('editing');
  const [time, setTime] = useState<number | null>(null);
  useEffect(() => {
    let there = true;
    void findDraft<KeptForm>(draftName(treeId, id)).then((kept) => there && setTime(kept?.time ?? null));
    return () => {
      there = false;
    };
  }, [treeId, id]);
  if (time === null) return null;
  return (
    <div role="status" className="no-print mb-4 flex flex-wrap items-center gap-3 rounded-card border border-accent bg-card p-3">
      <IconPencil aria-hidden className="size-5 shrink-0" />
      <p className="min-w-48 flex-1">{t('draft.text', { time: showTime(time, i18n.language) })}</p>
      <Button kind="primary" onClick={onResume}>{t('draft.resume')}</Button>
      <Button kind="quiet" onClick={() => void forgetDraft(draftName(treeId, id)).then(() => setTime(null))}>{t('discard')}</Button>
    </div>
  );
}

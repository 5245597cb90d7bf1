import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { allCitationsQuery, personQuery, unionQuery } from '../../../api/queries.ts';
import type { Citation, Family, Page, Person } from '../../../api/types.ts';
import { draftName, findDraft, forgetDraft } from '../../../lib/drafts.ts';
import { Button } from '../../../ui/Button.tsx';
import { Card } from '../../../ui/Page.tsx';
import { Loaded } from '../../archive/index.ts';
import { type Draft, familyDraft, personDraft, sameDraft } from '../model/draft.ts';
import type { KeptForm } from '../model/useDraft.ts';
import { showTime } from '../model/words.ts';
import { RecordEditor } from './RecordEditor.tsx';

interface Common {
  treeId: string;
  id: string;
  title: string;
  focus: string;
  resume: boolean;
  onClose(): void;
  onNext(): void;
}

/** A draft of before, found and not yet decided about. */
export function Offer({ time, onResume, onFresh }: { time: number; onResume(): void; onFresh(): void }) {
  const { t, i18n } = useTranslation('editing');
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.querySelector('button')?.focus(), []);
  return (
    <Card title={t('draft.title')}>
      <p className="mb-3">{t('draft.text', { time: showTime(time, i18n.language) })}</p>
      <div ref={box} className="flex flex-wrap gap-2">
        <Button kind="primary" onClick={onResume}>{t('draft.resume')}</Button>
        <Button onClick={onFresh}>{t('draft.fresh')}</Button>
      </div>
    </Card>
  );
}

/** Begins with the record as it is, or goes on where somebody left off. */
function Begin({ now, reload, ...props }: Common & { now: Draft; reload(): Promise<Draft> }) {
  const { id, treeId, resume, title, focus, onClose, onNext } = props;
  const fresh: KeptForm = { base: now, draft: now, reason: '', sent: null };
  const [start, setStart] = useState<KeptForm | null>(null);
  const [offered, setOffered] = useState<{ form: KeptForm; time: number } | null>(null);
  // Only once: what others save meanwhile does not touch what is being typed.
  useEffect(() => {
    void findDraft<KeptForm>(draftName(treeId, id)).then((kept) => {
      if (!kept || sameDraft(kept.value.base, kept.value.draft)) setStart(fresh);
      else if (resume) setStart(kept.value);
      else setOffered({ form: kept.value, time: kept.time });
    });
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  if (start) return <RecordEditor start={start} title={title} focus={focus} reload={reload} onClose={onClose} onNext={onNext} />;
  if (!offered) return null;
  return (
    <Offer time={offered.time} onResume={() => setStart(offered.form)}
      onFresh={() => {
        void forgetDraft(draftName(treeId, id));
        setStart(fresh);
      }}
    />
  );
}

const READ_NOW = { staleTime: 0 };

export function PersonEditor({ person, ...props }: Omit<Common, 'treeId' | 'id'> & { person: Person }) {
  const client = useQueryClient();
  const { treeId, id } = person;
  const citations = useQuery(allCitationsQuery(treeId, 'persons', id));
  const reload = async () => {
    const [latest, cited] = await Promise.all([
      client.fetchQuery({ ...personQuery(treeId, id), ...READ_NOW }), client.fetchQuery({ ...allCitationsQuery(treeId, 'persons', id), ...READ_NOW }),
    ]);
    return personDraft(latest as Person, (cited as Page<Citation>).items);
  };
  return <Loaded query={citations}>{({ items }) => <Begin {...props} treeId={treeId} id={id} now={personDraft(person, items)} reload={reload} />}</Loaded>;
}

export function FamilyEditor({ family, ...props }: Omit<Common, 'treeId' | 'id'> & { family: Family }) {
  const client = useQueryClient();
  const { treeId, id } = family;
  const citations = useQuery(allCitationsQuery(treeId, 'families', id));
  const reload = async () => {
    const [latest, cited] = await Promise.all([
      client.fetchQuery({ ...unionQuery(treeId, id), ...READ_NOW }), client.fetchQuery({ ...allCitationsQuery(treeId, 'families', id), ...READ_NOW }),
    ]);
    return familyDraft(latest as Family, (cited as Page<Citation>).items);
  };
  return <Loaded query={citations}>{({ items }) => <Begin {...props} treeId={treeId} id={id} now={familyDraft(family, items)} reload={reload} />}</Loaded>;
}

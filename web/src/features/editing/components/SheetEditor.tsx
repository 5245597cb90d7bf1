import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../../api/client.ts';
import { parseDate, undoChanges } from '../../../api/commands.ts';
import { personQuery, sourceQuery } from '../../../api/queries.ts';
import type { ChangeResult, Person, Source } from '../../../api/types.ts';
import { newRequestKey } from '../../../lib/saved.ts';
import { Button } from '../../../ui/Button.tsx';
import { Card } from '../../../ui/Page.tsx';
import { rememberCitation } from '../model/basket.ts';
import { whereRefused, type Wrong, wrongInSheet } from '../model/check.ts';
import { type Draft, next, partAt, sameDraft } from '../model/draft.ts';
import type { Operation } from '../model/operations.ts';
import { orderOf, rememberOrder } from '../model/order.ts';
import { isSilence, isVersionConflict, refusalText } from '../model/refusal.ts';
import { DoubtError, sentNow, settleSent } from '../model/sentSheet.ts';
import { isNamed, newRow, rowsOf, TEMPLATE } from '../model/sheet.ts';
import { sheetPlan, SOURCE_REF } from '../model/sheetPlan.ts';
import { type KeptForm, useKeptForm } from '../model/useDraft.ts';
import { useSave } from '../model/useSave.ts';
import { cellName, FormProvider, goOn } from './form.tsx';
import { SheetHead, SheetPicture, SheetRows } from './sheet.tsx';
import { Summary, type Trouble } from './Summary.tsx';
import type { TemplateName } from '../search.ts';

const REASON_MAX = 300;
/** Somebody saved one of the people meanwhile: what they have is read again, and the sheet planned anew. */
const ATTEMPTS = 3;
const READING_MS = 30_000;
const READ_NOW = { staleTime: 0 };

interface Props {
  start: KeptForm;
  template: TemplateName;
  /** Saved. `more`: the next page of the same source. */
  onSaved(draft: Draft, sourceId: string, more: boolean): void;
  onClose(): void;
}

/** Who is named and which pictures the source has, as the archive has them now. */
function useMet(treeId: string) {
  const client = useQueryClient();
  const { i18n } = useTranslation();
  return async (draft: Draft) => {
    const ids = new Set(rowsOf(draft).map(({ fields }) => fields['personId'] ?? '').filter(Boolean));
    const { sourceId } = partAt(draft, '')!.fields;
    const { date: said = '' } = partAt(draft, '')!.fields;
    const [people, source, reading] = await Promise.all([
      Promise.all([...ids].map((id) => client.fetchQuery({ ...personQuery(treeId, id), ...READ_NOW }))),
      sourceId ? client.fetchQuery({ ...sourceQuery(treeId, sourceId), ...READ_NOW }) : undefined,
      said.trim() ? parseDate(said.trim(), i18n.language, AbortSignal.timeout(READING_MS)) : undefined,
    ]);
    return {
      people: new Map((people as Person[]).map((person) => [person.id, person])),
      pictures: new Set((source as Source | undefined)?.media.map(({ id }) => id)),
      date: reading?.date ?? null,
    };
  };
}

function useEventWords() {
  const { t } = useTranslation('sheet');
  return useMemo(() => ({
    photograph: t('event.photograph'), interview: t('event.interview'), godparent: t('role.godparent'), witness: t('role.witness'), informant: t('role.informant'),
  }), [t]);
}

/** One page of a source, row by row. Saved as one change set under one citation; nothing typed is lost by whatever happens. */
export function SheetEditor({ start, template, onSaved, onClose }: Props) {
  const { t } = useTranslation('sheet');
  const { t: editing } = useTranslation('editing');
  const { base } = start;
  const { treeId } = base;
  const [draft, step] = useReducer(next, start.draft);
  const [wrong, setWrong] = useState<Wrong[]>([]);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [attempt, setAttempt] = useState(0);
  const [busy, setBusy] = useState(false);
  const [fresh, setFresh] = useState('');
  const [doubt, setDoubt] = useState(false);
  // What was sent and never answered, with the sheet as it was: it may have arrived.
  const [sent, setSent] = useState(start.sent);
  const { save, nameOf } = useSave(treeId, start.sent);
  const meet = useMet(treeId);
  const words = useEventWords();
  const changed = useMemo(() => !sameDraft(base, draft), [base, draft]);
  const kept = useMemo((): KeptForm => ({ base, draft, reason: '', sent }), [base, draft, sent]);
  const { forget } = useKeptForm(kept, changed);
  const cells = useRef(new Map<string, HTMLElement>());
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLElement>('input')?.focus(), []);

  const place = useCallback((key: string, field: string, element: HTMLElement | null) => {
    if (element) cells.current.set(cellName(key, field), element);
    else cells.current.delete(cellName(key, field));
  }, []);
  const context = useMemo(() => ({ draft, step, wrong, place }), [draft, wrong, place]);
  const head = partAt(draft, '')!;

  const go = ({ key, field }: Wrong) => {
    const element = cells.current.get(cellName(key, field)) ?? document.querySelector<HTMLElement>(`#${CSS.escape(`edit-${key}`)} input`);
    element?.focus();
  };
  const addRow = () => {
    const rows = rowsOf(draft), { roles } = TEMPLATE[template];
    const row = newRow((rows.at(-1)?.fields['role'] as (typeof roles)[number] | undefined) ?? roles[0]!);
    setFresh(row.key);
    step({ type: 'add', part: row });
  };

  const reason = [t(`template.${template}`), head.fields['title'], head.fields['page']].filter(Boolean).join(', ').slice(0, REASON_MAX);

  /** The request that got no answer, once more under its own key; taken back where the sheet has changed since. */
  const settle = async (): Promise<ChangeResult | undefined> => {
    const { ops, reason: said } = JSON.parse(sent!.body) as { ops: Operation[]; reason: string };
    const done = await settleSent(sent!, draft, {
      resend: () => save(ops, said), undo: undoChanges, newKey: newRequestKey, note: setSent,
    });
    return done === 'save' ? saveNow() : done;
  };

  const saveNow = async (): Promise<ChangeResult | undefined> => {
    for (let round = 1; ; round += 1) {
      const plan = sheetPlan(draft, template, await meet(draft), words);
      setSent(sentNow(nameOf(plan.ops, reason), draft));
      try {
        return await save(plan.ops, reason);
      } catch (error) {
        if (isVersionConflict(error) && round < ATTEMPTS) continue;
        if (!isSilence(error)) setSent(null);
        refuse(error, plan.from);
        return undefined;
      }
    }
  };

  const refuse = (error: unknown, from: string[]) => {
    const said = error instanceof ApiError ? (error.problem.errors ?? []) : [];
    const found = said.map(({ field, pointer, message }) => whereRefused(field || pointer, from, message)).filter((one) => one !== undefined);
    setAttempt((before) => before + 1);
    setWrong(found);
    setTrouble(found.length > 0 ? null : { text: refusalText(error, editing), again: isSilence(error) });
  };

  /** @param anew The reader has looked: what was sent before did not arrive. */
  const submit = async (more: boolean, anew = false) => {
    const found = wrongInSheet(base, draft);
    setAttempt((before) => before + 1);
    setWrong(found);
    setTrouble(null);
    setDoubt(false);
    if (found.length > 0 || busy) return;
    setBusy(true);
    try {
      const done = sent && !anew ? await settle() : await saveNow();
      if (!done) return;
      const { title = '', page = '', quality = '' } = head.fields;
      const sourceId = head.fields['sourceId'] || (done.ids[SOURCE_REF] ?? '');
      const order = orderOf(treeId, title.trim());
      if (order) rememberOrder(treeId, sourceId, order);
      rememberCitation(treeId, { sourceId, title, page, quality });
      await forget();
      onSaved(draft, sourceId, more);
    } catch (error) {
      setDoubt(error instanceof DoubtError);
      if (error instanceof DoubtError) setTrouble({ text: t('doubt'), again: false });
      else refuse(error, []);
    } finally {
      setBusy(false);
    }
  };

  const named = rowsOf(draft).filter(isNamed).length;
  return (
    <FormProvider value={context}>
      <form
        ref={form}
        aria-label={t(`template.${template}`)}
        noValidate
        className="space-y-6 [&_:is(input,select,textarea,summary)]:scroll-mt-24 [&_:is(input,select,textarea,summary)]:scroll-mb-40"
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            void submit(true);
          } else if (event.key === 'Escape' && !event.defaultPrevented) {
            onClose();
          } else if (event.key === 'Enter' && !event.nativeEvent.isComposing && isLastCell(event.target)) {
            event.preventDefault();
            addRow();
          } else {
            goOn(event);
          }
        }}
        onSubmit={(event) => {
          event.preventDefault();
          void submit(false);
        }}
      >
        {(wrong.length > 0 || trouble) && <Summary key={attempt} wrong={wrong} trouble={trouble} go={go} />}
        {doubt && <Button onClick={() => void submit(false, true)}>{t('save_anew')}</Button>}
        {/* What was typed while the sheet is under way would be in no answer. */}
        <fieldset disabled={busy} className="min-w-0 space-y-6">
          <div className="grid items-start gap-6 lg:grid-cols-[repeat(auto-fit,minmax(20rem,1fr))]">
            <div className="space-y-6"><SheetHead part={head} template={template} /></div>
            <SheetPicture part={head} treeId={treeId} />
          </div>
          <Card title={t('section.rows')}>
            <p className="mb-3 text-sm text-ink-2">{t('ditto')}</p>
            <div data-rows className="space-y-3"><SheetRows template={template} fresh={fresh} /></div>
            <Button className="mt-3" onClick={addRow}>{t('row_add')}</Button>
          </Card>
        </fieldset>
        <div className="sticky bottom-(--shell-bottom) z-10 -mx-4 flex flex-wrap items-end gap-3 border-t border-line-strong bg-plaster px-4 py-3">
          <Button kind="primary" type="submit" aria-disabled={busy}>{busy ? editing('saving') : editing('save')}</Button>
          <Button aria-disabled={busy} onClick={() => void submit(true)}>{t('save_next')}</Button>
          <Button onClick={onClose}>{changed ? editing('later') : editing('cancel')}</Button>
          {changed && <Button kind="quiet" onClick={() => void forget().then(onClose)}>{editing('discard')}</Button>}
          <span className="self-center text-sm text-ink-2">{t('named', { count: named })}</span>
        </div>
      </form>
    </FormProvider>
  );
}

/** The last field of the last row: Enter there goes on to a new row. */
function isLastCell(target: EventTarget): boolean {
  const cells = (target as HTMLElement).closest('[data-rows]')?.querySelectorAll('input, select');
  return cells !== undefined && cells[cells.length - 1] === target;
}

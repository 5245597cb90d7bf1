import { IconCheck, IconPencil } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { judgeCheck } from '../../../api/commands.ts';
import { checksPages } from '../../../api/queries.ts';
import type { Check, CheckStatement } from '../../../api/types.ts';
import { Button, buttonClass } from '../../../ui/Button.tsx';
import { Choice, SelectField, TextField } from '../../../ui/fields.tsx';
import { Card, Page } from '../../../ui/Page.tsx';
import { Empty, Skeleton } from '../../../ui/states.tsx';
import { DateText, factName, Failed, PersonLink, PlaceText } from '../../archive/index.ts';
import { showMoment } from '../model/words.ts';

const route = getRouteApi('/t/$tree/checks');

/** "Rudo Mutasa – Died 1850, Umtali". */
function Statement({ said, tree }: { said: CheckStatement; tree: string }) {
  const { t } = useTranslation('keeping');
  const { t: common } = useTranslation('common');
  const { fact } = said;
  return (
    <p className="flex flex-wrap items-baseline gap-x-2">
      {said.persons.length === 0 && <span>{t('kind.family')}</span>}
      {said.persons.map((person) => <PersonLink key={person.id} person={person} className="font-semibold" />)}
      {fact && <span className="text-ink-2">{factName(fact, common)}</span>}
      {fact?.date && <DateText date={fact.date} />}
      {fact?.place?.text && <PlaceText place={fact.place} treeId={tree} />}
    </p>
  );
}

/** The editor at the fact that is wrong. */
function FixLink({ said, tree }: { said: CheckStatement; tree: string }) {
  const { t } = useTranslation('keeping');
  const hash = said.fact ? `edit-${said.fact.id}` : 'edit';
  const inside = <><IconPencil aria-hidden className="size-5" />{t('checks.fix')}</>;
  return said.kind === 'family'
    ? <Link to="/t/$tree/families/$id" params={{ tree, id: said.recordId }} hash={hash} className={buttonClass('primary')}>{inside}</Link>
    : <Link to="/t/$tree/people/$id/{-$tab}" params={{ tree, id: said.recordId }} hash={hash} className={buttonClass('primary')}>{inside}</Link>;
}

function Row({ check, tree }: { check: Check; tree: string }) {
  const { t, i18n } = useTranslation('keeping');
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (asked) form.current?.querySelector('input')?.focus();
  }, [asked]);
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const judge = async (right: boolean) => {
    setBusy(true);
    setError(null);
    try {
      await judgeCheck(tree, check.id, right, note.trim());
      await client.invalidateQueries({ queryKey: ['tree', tree, 'checks'] });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const by = check.days > 730 ? t('checks.by_years', { count: Math.floor(check.days / 365.25) }) : check.days > 0 ? t('checks.by_days', { count: check.days }) : '';
  return (
    <li>
      <Card>
        <div className="flex flex-wrap items-start justify-between gap-3">
          <div className="min-w-0 flex-1 space-y-1">
            <p className="font-semibold">
              <span className={check.severity === 'error' ? 'text-danger' : check.severity === 'warning' ? 'text-warn' : 'text-ink-2'}>{t(`severity.${check.severity}`)}</span>
              {' · '}{t(`rule.${check.code}` as 'rule.death_before_birth', { defaultValue: check.code })}{by && <span className="font-normal text-ink-2"> ({by})</span>}
            </p>
            {check.first && <Statement said={check.first} tree={tree} />}
            {check.second && <Statement said={check.second} tree={tree} />}
            {check.right && (
              <p className="text-sm text-ink-2">
                {t('checks.judged', { time: showMoment(check.right.time, i18n.language), who: t(`actor.${check.right.actor}` as 'actor.owner', { defaultValue: check.right.actor }) })}
                {check.right.note && <> <bdi>{check.right.note}</bdi></>}
              </p>
            )}
          </div>
          <div className="no-print flex flex-wrap gap-2">
            {check.first && !check.right && <FixLink said={check.first} tree={tree} />}
            {check.right
              ? <Button disabled={busy} onClick={() => void judge(false)}>{t('checks.not_right')}</Button>
              : !asked && <Button onClick={() => setAsked(true)}>{t('checks.right')}</Button>}
          </div>
        </div>
        {asked && !check.right && (
          <form
            ref={form}
            className="mt-3 flex flex-wrap items-end gap-3"
            onSubmit={(event) => {
              event.preventDefault();
              void judge(true);
            }}
          >
            <TextField label={t('checks.why')} className="min-w-48 flex-1" maxLength={300} value={note} onChange={(event) => setNote(event.target.value)} autoComplete="off" />
            <Button kind="primary" type="submit" disabled={busy} icon={<IconCheck aria-hidden className="size-5" />}>{t('checks.right')}</Button>
            <Button onClick={() => setAsked(false)}>{t('cancel')}</Button>
          </form>
        )}
        {error !== null && <div className="mt-3"><Failed error={error} /></div>}
      </Card>
    </li>
  );
}

/** What contradicts itself, by rule, most severe first. Nothing is changed by looking. */
export function ChecksPage() {
  const { t } = useTranslation('keeping');
  const { t: common } = useTranslation('common');
  const { tree } = route.useParams();
  const [code, setCode] = useState('');
  const [right, setRight] = useState(false);
  const query = useInfiniteQuery(checksPages(tree, code || undefined, right));
  const first = query.data?.pages[0];
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title={t('checks.title')} lead={t('checks.lead')}>
      <div className="no-print mb-5 flex flex-wrap items-end gap-4">
        <Choice legend={t('checks.which')} name="which" value={right ? 'right' : 'open'} onChange={(value) => setRight(value === 'right')}
          options={[{ value: 'open', label: t('checks.open') }, { value: 'right', label: t('checks.right_ones') }]} />
        <SelectField label={t('checks.rule')} value={code} onChange={(event) => setCode(event.target.value)}>
          <option value="">{t('checks.all')}</option>
          {(first?.groups ?? []).map((group) => (
            <option key={group.code} value={group.code}>{t(`rule.${group.code}` as 'rule.death_before_birth', { defaultValue: group.code })} ({right ? group.right : group.open})</option>
          ))}
        </SelectField>
      </div>
      {!first && (query.error ? <Failed error={query.error} retry={() => void query.refetch()} /> : <Skeleton label={common('loading')} />)}
      {first && <p role="status" className="mb-4 text-ink-2">{t('checks.found', { count: first.total })}</p>}
      {first && items.length === 0 && <Empty title={right ? t('checks.none_right') : t('checks.none')} />}
      <ul className="space-y-4">{items.map((check) => <Row key={check.id} check={check} tree={tree} />)}</ul>
      {query.hasNextPage && <Button className="mt-6" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{common('list.more')}</Button>}
    </Page>
  );
}

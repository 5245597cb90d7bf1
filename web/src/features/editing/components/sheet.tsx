/** The parts of a record sheet: where it comes from, its picture, and its rows as on the paper. */
import { IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../../api/client.ts';
import { mediumQuery, sourceQuery } from '../../../api/queries.ts';
import type { Media, Page } from '../../../api/types.ts';
import { useDelayed } from '../../../lib/useDelayed.ts';
import { IconButton } from '../../../ui/Button.tsx';
import { Combobox } from '../../../ui/Combobox.tsx';
import { Card } from '../../../ui/Page.tsx';
import { factName } from '../../archive/index.ts';
import { type Part, type Step } from '../model/draft.ts';
import { type Column, rowsOf, TEMPLATE, TOLD, withDitto } from '../model/sheet.ts';
import { SourceField } from './Citations.tsx';
import { DateField } from './DateField.tsx';
import { focusAfter, FormProvider, PartSelect, PartText, useForm, WrongText } from './form.tsx';
import { PlaceField } from './PlaceField.tsx';
import { useWho, type Who, whoKey, WhoOption } from './who.tsx';
import type { TemplateName } from '../search.ts';

const PAUSE_MS = 150;
const ANYBODY: ReadonlySet<string> = new Set();

/** A picture of the tree by its title. */
function PictureField({ part }: { part: Part }) {
  const { t } = useTranslation('sheet');
  const { draft, step } = useForm();
  const input = useRef<HTMLInputElement>(null);
  const text = part.fields['picture'] ?? '', chosen = part.fields['mediaId'] ?? '';
  const asked = useDelayed(text.trim(), PAUSE_MS);
  const { data } = useQuery({
    queryKey: ['tree', draft.treeId, 'suggest-media', asked],
    queryFn: ({ signal }) => ask<Page<Media>>(`/trees/${draft.treeId}/media`, { query: { 'filter[title]': asked, limit: 8 }, signal }),
    enabled: asked.length > 1 && chosen === '',
  });
  const options = chosen === '' && text.trim().length > 1 ? (data?.items ?? []) : [];
  const set = (picture: string, mediaId: string) => step({ type: 'field', key: part.key, fields: { picture, mediaId } });
  return (
    <div>
      <Combobox
        label={t('picture')}
        text={text}
        onText={(value) => set(value, '')}
        options={options}
        optionKey={({ id }) => id}
        renderOption={({ title, thumbnailUrl }) => (
          <span className="flex min-h-9 items-center gap-3">
            {thumbnailUrl && <img src={thumbnailUrl} alt="" className="size-9 object-cover" />}
            <bdi className="min-w-0 flex-1">{title}</bdi>
          </span>
        )}
        onChoose={({ id, title }) => set(title, id)}
        onEnter={() => input.current && focusAfter(input.current)}
        status={t('pictures', { count: options.length })}
        inputRef={input}
      />
      <p className="mt-1 min-h-5 text-sm text-ink-2">{chosen ? t('picture_chosen') : t('picture_hint')}</p>
    </div>
  );
}

/** The page itself beside its rows: the picture that was chosen, else the source's first. */
export function SheetPicture({ part, treeId }: { part: Part; treeId: string }) {
  const { sourceId = '', mediaId = '' } = part.fields;
  const source = useQuery({ ...sourceQuery(treeId, sourceId), enabled: sourceId !== '' });
  const shown = mediaId || (sourceId ? (source.data?.media[0]?.id ?? '') : '');
  const medium = useQuery({ ...mediumQuery(treeId, shown), enabled: shown !== '' });
  if (!shown || !medium.data?.mime.startsWith('image/') || !medium.data.contentUrl) return null;
  return (
    <a href={medium.data.contentUrl} target="_blank" rel="noreferrer" className="block lg:sticky lg:top-[calc(var(--shell-top)+1rem)]">
      <img src={medium.data.contentUrl} alt={medium.data.title} className="max-h-[80dvh] w-full rounded-card border border-line object-contain" />
    </a>
  );
}

/** Source, place in it, and when and where it was. */
export function SheetHead({ part, template }: { part: Part; template: TemplateName }) {
  const { t } = useTranslation('sheet');
  const { t: editing } = useTranslation('editing');
  const { t: common } = useTranslation('common');
  return (
    <>
      <Card title={t('section.source')}>
        <SourceField part={part} />
        <div className="mt-2 grid gap-3 sm:grid-cols-[1fr_14rem]">
          <PartText part={part} field="page" label={editing('cite.page')} />
          <PartSelect part={part} field="quality" label={editing('cite.quality')}>
            <option value="">{editing('cite.unjudged')}</option>
            {(['3', '2', '1', '0'] as const).map((quality) => <option key={quality} value={quality}>{common(`evidence.${quality}`)}</option>)}
          </PartSelect>
          <PictureField part={part} />
          {TEMPLATE[template].recorder && <PartText part={part} field="recorder" label={t('recorder')} />}
        </div>
        <PartText part={part} field="text" label={t('text')} rows={2} />
      </Card>
      <Card title={t('section.event')}>
        <div className="grid gap-3 sm:grid-cols-2">
          <DateField part={part} label={editing('fact.date')} />
          <PlaceField part={part} label={editing('fact.place')} />
        </div>
      </Card>
    </>
  );
}

/** Somebody by name. Enter takes who is chosen, or leaves the name as that of somebody new, and goes on. */
function RowName({ row }: { row: Part }) {
  const { t } = useTranslation('sheet');
  const { t: common } = useTranslation('common');
  const { draft, step, place } = useForm();
  const input = useRef<HTMLInputElement | null>(null);
  const text = row.fields['name'] ?? '', chosen = row.fields['personId'] ?? '';
  const options = useWho(draft.treeId, chosen ? '' : text, ANYBODY);
  const on = () => input.current && focusAfter(input.current);
  return (
    <div className="sm:col-span-2">
      <Combobox<Who>
        label={t('column.name')}
        text={text}
        onText={(name) => step({ type: 'field', key: row.key, fields: { name, personId: '' } })}
        options={options}
        optionKey={whoKey}
        renderOption={(option) => <WhoOption option={option} />}
        onChoose={(option) => {
          if (option.kind === 'known') step({ type: 'field', key: row.key, fields: { name: option.person.name, personId: option.person.id } });
          on();
        }}
        onEnter={on}
        status={common('search.suggestions', { count: Math.max(0, options.length - 1) })}
        inputRef={(element) => {
          input.current = element;
          place(row.key, 'name', element);
        }}
      />
      <p className="mt-1 min-h-5 text-sm text-ink-2">{chosen ? t('known') : text.trim() ? t('will') : ''}</p>
      <WrongText part={row} field="name" />
    </div>
  );
}

function Cell({ row, column, template }: { row: Part; column: Column; template: TemplateName }) {
  const { t } = useTranslation('sheet');
  const { t: editing } = useTranslation('editing');
  const { t: common } = useTranslation('common');
  // An interview's last column is what was told; a photograph's, where somebody stands in it.
  const label = column === 'value' ? t(template === 'photograph' ? 'column.position' : 'column.told') : t(`column.${column}`);
  switch (column) {
    case 'sex': return (
      <PartSelect part={row} field="sex" label={label}>
        <option value="">{t('by_role')}</option>
        {(['F', 'M', 'X'] as const).map((sex) => <option key={sex} value={sex}>{editing(`sex.${sex}`)}</option>)}
      </PartSelect>
    );
    case 'what': return (
      <PartSelect part={row} field="what" label={label}>
        {TOLD.map((type) => <option key={type} value={type}>{type ? factName({ type, typeText: null }, common) : t('only_named')}</option>)}
      </PartSelect>
    );
    case 'born':
    case 'died':
    case 'date': return <DateField part={row} field={column} label={label} quiet />;
    case 'birthplace':
    case 'place': return <PlaceField part={row} field={column} label={label} quiet />;
    default: return <PartText part={row} field={column} label={label} />;
  }
}

/** A ditto mark takes what stands above; a place takes the very place. */
function dittoed(step: Step, above: Part | undefined): Step {
  if (step.type !== 'field' || !above) return step;
  const fields = Object.fromEntries(Object.entries(step.fields).flatMap(([field, text]) => {
    const taken = withDitto(text, field, above);
    const id = above.fields[`${field}Id`];
    return taken !== text && id ? [[field, taken], [`${field}Id`, id]] : [[field, taken]];
  }));
  return { ...step, fields };
}

function Row({ row, number, above, template, fresh }: { row: Part; number: number; above: Part | undefined; template: TemplateName; fresh: boolean }) {
  const { t } = useTranslation('sheet');
  const form = useForm();
  const box = useRef<HTMLFieldSetElement>(null);
  useEffect(() => {
    if (fresh) box.current?.querySelector<HTMLElement>('select, input')?.focus();
  }, [fresh]);
  const own = useMemo(() => ({ ...form, step: (step: Step) => form.step(dittoed(step, above)) }), [form, above]);
  const { roles, columns } = TEMPLATE[template];
  return (
    <FormProvider value={own}>
      <fieldset ref={box} id={`edit-${row.key}`} data-row className="border-b border-line pb-3 last:border-b-0">
        <div className="flex items-center justify-between gap-2">
          <legend className="float-start text-sm font-semibold text-ink-2">{t('row', { number })}</legend>
          <IconButton data-aside label={t('row_remove', { number })} icon={<IconTrash aria-hidden className="size-5" />}
            onClick={() => form.step({ type: 'remove', key: row.key })} />
        </div>
        <div className="grid gap-x-3 gap-y-1 sm:grid-cols-3 xl:grid-cols-4">
          {roles.length > 1 && (
            <PartSelect part={row} field="role" label={t('column.role')}>
              {roles.map((role) => <option key={role} value={role}>{t(`role.${role}`)}</option>)}
            </PartSelect>
          )}
          <RowName row={row} />
          {columns.map((column) => <Cell key={column} row={row} column={column} template={template} />)}
        </div>
        <WrongText part={row} field="" />
      </fieldset>
    </FormProvider>
  );
}

export function SheetRows({ template, fresh }: { template: TemplateName; /** Key of the row that was just added. */ fresh: string }) {
  const { draft } = useForm();
  const rows = rowsOf(draft);
  return rows.map((row, index) => <Row key={row.key} row={row} number={index + 1} above={rows[index - 1]} template={template} fresh={row.key === fresh} />);
}


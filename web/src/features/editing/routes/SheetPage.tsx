import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { sourceQuery } from '../../../api/queries.ts';
import { draftName, findDraft, forgetDraft } from '../../../lib/drafts.ts';
import { Page } from '../../../ui/Page.tsx';
import { Loaded } from '../../archive/index.ts';
import { Offer } from '../components/EditRecord.tsx';
import { SheetEditor } from '../components/SheetEditor.tsx';
import { type Draft, sameDraft } from '../model/draft.ts';
import { emptySheet, nextSheet, sheetId } from '../model/sheet.ts';
import type { KeptForm } from '../model/useDraft.ts';
import { showTime } from '../model/words.ts';
import { TEMPLATES, type TemplateName } from '../search.ts';

const route = getRouteApi('/t/$tree/sheet/new');

/** When the sheet of each kind that is not saved yet was typed. */
function useUnfinished(tree: string): Partial<Record<TemplateName, number>> {
  const [found, setFound] = useState<Partial<Record<TemplateName, number>>>({});
  useEffect(() => {
    let there = true;
    void Promise.all(TEMPLATES.map(async (template) => [template, (await findDraft(draftName(tree, sheetId(template))))?.time] as const))
      .then((times) => there && setFound(Object.fromEntries(times)));
    return () => {
      there = false;
    };
  }, [tree]);
  return found;
}

function Templates({ tree, source }: { tree: string; source: string | undefined }) {
  const { t, i18n } = useTranslation('sheet');
  const unfinished = useUnfinished(tree);
  return (
    <ul className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
      {TEMPLATES.map((template) => (
        <li key={template}>
          <Link to="/t/$tree/sheet/new" params={{ tree }} search={{ template, source }}
            className="block h-full rounded-card border border-line bg-card p-4 hover:border-line-strong sm:p-5">
            <span className="block font-serif text-lg font-semibold">{t(`template.${template}`)}</span>
            <span className="block text-ink-2">{t(`about.${template}`)}</span>
            {unfinished[template] && <span className="mt-2 block text-sm font-semibold text-accent">{t('unfinished', { time: showTime(unfinished[template], i18n.language) })}</span>}
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** Begins an empty sheet, or goes on where somebody left off. */
function Begin({ tree, template, source }: { tree: string; template: TemplateName; source: { id: string; title: string } | undefined }) {
  const navigate = route.useNavigate();
  const go = useNavigateToSource(tree);
  const [start, setStart] = useState<KeptForm | null>(null);
  const [offered, setOffered] = useState<{ form: KeptForm; time: number } | null>(null);
  const [sheet, setSheet] = useState(0);
  const begin = (draft: Draft) => {
    setStart({ base: draft, draft, reason: '', sent: null });
    setSheet((before) => before + 1);
  };
  const afresh = () => begin(emptySheet(tree, template, source && { sourceId: source.id, title: source.title }));
  useEffect(() => {
    void findDraft<KeptForm>(draftName(tree, sheetId(template))).then((kept) => {
      if (!kept || sameDraft(kept.value.base, kept.value.draft)) afresh();
      else setOffered({ form: kept.value, time: kept.time });
    });
    // Only once: the sheet is the reader's from then on.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  if (start) {
    return (
      <SheetEditor key={sheet} start={start} template={template}
        onSaved={(draft, sourceId, more) => (more ? begin(nextSheet(draft, template, sourceId)) : go(sourceId))}
        onClose={() => void navigate({ search: { source: source?.id } })}
      />
    );
  }
  if (!offered) return null;
  return (
    <Offer time={offered.time} onResume={() => setStart(offered.form)}
      onFresh={() => {
        void forgetDraft(draftName(tree, sheetId(template)));
        setOffered(null);
        afresh();
      }}
    />
  );
}

function useNavigateToSource(tree: string) {
  const navigate = route.useNavigate();
  return (id: string) => void navigate({ to: '/t/$tree/sources/$id', params: { tree, id } });
}

/** Source first: which kind of page, then the page itself. */
export function SheetPage() {
  const { t } = useTranslation('sheet');
  const { tree } = route.useParams();
  const { template, source } = route.useSearch();
  const query = useQuery({ ...sourceQuery(tree, source ?? ''), enabled: source !== undefined });
  if (!template) return <Page title={t('title')} lead={t('lead')}><Templates tree={tree} source={source} /></Page>;
  return (
    <Page title={t(`template.${template}`)} lead={t(`about.${template}`)} wide>
      {source === undefined
        ? <Begin key={template} tree={tree} template={template} source={undefined} />
        : <Loaded query={query}>{({ id, title }) => <Begin key={template} tree={tree} template={template} source={{ id, title }} />}</Loaded>}
    </Page>
  );
}

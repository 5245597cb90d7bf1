import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../../api/client.ts';
import { modelAnalyticsQuery } from '../../../api/queries.ts';
import type { ModelAnalytics, ModelTrend, ModelWindowFigures } from '../../../api/types.ts';
import { Choice } from '../../../ui/fields.tsx';
import { Card } from '../../../ui/Page.tsx';
import { Empty } from '../../../ui/states.tsx';
import { Loaded } from '../../archive/index.ts';
import { showMs, showShare } from '../figures.ts';
import { type ModelsSearch, WINDOWS } from '../model.ts';
import { Bars, Cell, Figures, Lines, RowHead, Table } from './parts.tsx';

const BARS_MAX = 12;

function Overall({ all, unique }: { all: ModelAnalytics['all']; unique: number }) {
  const { t, i18n } = useTranslation('models');
  const number = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 });
  return (
    <Figures items={[
      { key: 'requests', label: t('figure.requests'), value: number.format(all.requests) },
      { key: 'models', label: t('figure.models'), value: number.format(unique) },
      { key: 'success', label: t('figure.success'), value: showShare(all.success_rate, i18n.language) },
      { key: 'fallback', label: t('figure.fallback'), value: showShare(all.fallback_rate, i18n.language) },
      { key: 'p50', label: t('figure.p50'), value: showMs(all.p50_ms, i18n.language) },
      { key: 'p95', label: t('figure.p95'), value: showMs(all.p95_ms, i18n.language) },
    ]} />
  );
}

function OverTime({ windows, by }: { windows: ModelWindowFigures[]; by: 'hour' | 'day' }) {
  const { t, i18n } = useTranslation('models');
  const time = new Intl.DateTimeFormat(i18n.language, by === 'day' ? { dateStyle: 'medium', timeZone: 'UTC' } : { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
  const number = new Intl.NumberFormat(i18n.language);
  const show = (start: string) => time.format(new Date(start));
  const columns = (['start', 'requests', 'p50', 'p95', 'success'] as const).map((key) => ({ key, label: t(`figure.${key}`), number: key !== 'start' }));
  if (windows.length === 0) return null;
  return (
    <Card title={t('over_time')}>
      <Lines top={(value) => showMs(value, i18n.language)} from={show(windows[0]!.start)} to={show(windows.at(-1)!.start)} series={[
        { key: 'p50', label: t('figure.p50'), values: windows.map((window) => window.p50_ms), className: 'stroke-accent' },
        { key: 'p95', label: t('figure.p95'), values: windows.map((window) => window.p95_ms), className: 'stroke-warn' },
      ]} />
      <details className="mt-4">
        <summary className="min-h-11 py-2 font-semibold">{t('as_table')}</summary>
        <Table name={t('over_time')} columns={columns}>
          {windows.map((window) => (
            <tr key={window.start}>
              <RowHead>{show(window.start)}</RowHead>
              <Cell number>{number.format(window.requests)}</Cell>
              <Cell number>{showMs(window.p50_ms, i18n.language)}</Cell>
              <Cell number>{showMs(window.p95_ms, i18n.language)}</Cell>
              <Cell number>{showShare(window.success_rate, i18n.language)}</Cell>
            </tr>
          ))}
        </Table>
      </details>
    </Card>
  );
}

const TRENDS = ['requests', 'mean_score', 'mean_duration_ms', 'success_rate'] as const;
const DIRECTIONS = ['rising', 'falling', 'none'] as const;

function Trends({ trends }: { trends: ModelTrend[] }) {
  const { t, i18n } = useTranslation('models');
  const number = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 2 });
  if (trends.length === 0) return null;
  return (
    <Card title={t('trends')}>
      <ul className="space-y-2">
        {trends.map(({ figure, direction, change_at: at, mean_before: before, mean_after: after }) => (
          <li key={figure}>
            <span className="font-semibold">{t(`trend.${TRENDS.find((name) => name === figure) ?? 'requests'}`)}</span>{': '}
            {t(`direction.${DIRECTIONS.find((name) => name === direction) ?? 'none'}`)}
            {at !== undefined && before !== undefined && after !== undefined && (
              <> · {t('change', { time: new Date(at).toLocaleDateString(i18n.language, { timeZone: 'UTC' }), before: number.format(before), after: number.format(after) })}</>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}

const most = (items: { key: string; value: number }[]) => items.toSorted((a, b) => b.value - a.value).slice(0, BARS_MAX);

function Report({ data, by }: { data: ModelAnalytics; by: 'hour' | 'day' }) {
  const { t, i18n } = useTranslation('models');
  const number = new Intl.NumberFormat(i18n.language);
  const show = (value: number) => t('requests', { count: value, number: number.format(value) });
  return (
    <>
      <Overall all={data.all} unique={data.unique_models} />
      {data.malformed_lines > 0 && <p className="mb-6 text-warn">{t('malformed', { count: data.malformed_lines })}</p>}
      <div className="grid items-start gap-6 lg:grid-cols-2">
        <div className="lg:col-span-2"><OverTime windows={data.windows ?? []} by={by} /></div>
        <Card title={t('by_model')}><Bars show={show} items={most(data.models.map(({ model, requests }) => ({ key: model, value: requests })))} /></Card>
        <Card title={t('by_category')}><Bars show={show} items={most(data.categories.map(({ category, requests }) => ({ key: category, value: requests })))} /></Card>
        <Trends trends={data.trends ?? []} />
      </div>
    </>
  );
}

export function Statistics({ search }: { search: ModelsSearch }) {
  const { t } = useTranslation('models');
  const navigate = useNavigate();
  const by = search.by ?? 'day';
  const query = useQuery(modelAnalyticsQuery(by));
  const empty = query.error instanceof ApiError && query.error.problem.status === 404;
  if (empty || query.data?.total_requests === 0) return <Empty title={t('no_metrics')}>{t('no_metrics_hint')}</Empty>;
  return (
    <div className="space-y-6">
      <Choice legend={t('window')} name="by" value={by} options={WINDOWS.map((value) => ({ value, label: t(`windows.${value}`) }))}
        onChange={(value) => void navigate({ to: '/models/{-$part}', params: { part: 'statistics' }, search: { by: value }, replace: true })} />
      <Loaded query={query}>{(data) => <Report data={data} by={by} />}</Loaded>
    </div>
  );
}

import { IconAlertTriangle, IconCircleCheck, IconPlugConnected, IconPlugConnectedX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Gpu, ModelAlert, SelectionEvent } from '../../../api/types.ts';
import { cx } from '../../../lib/class.ts';
import { Card } from '../../../ui/Page.tsx';
import { Empty } from '../../../ui/states.tsx';
import { useLive } from '../live.ts';
import { percentile, showMemory, showMs, showShare } from '../figures.ts';
import { Cell, Figures, Lines, RowHead, Table } from './parts.tsx';

const ROWS_MAX = 20;

const clock = (time: string, language: string) => new Date(time).toLocaleTimeString(language);

function GpuCard({ gpu }: { gpu: Gpu }) {
  const { t, i18n } = useTranslation('models');
  const unit = (value: number | null, name: string) =>
    (value === null ? t('unknown') : new Intl.NumberFormat(i18n.language, { style: 'unit', unit: name, maximumFractionDigits: 0 }).format(value));
  const watts = (value: number | null) => (value === null ? t('unknown') : t('watts', { value: Math.round(value) }));
  const memory = (mb: number | null) => (mb === null ? t('unknown') : showMemory(mb, i18n.language));
  const well = gpu.health === 'HEALTHY';
  const Icon = well ? IconCircleCheck : IconAlertTriangle;
  const facts = [
    { key: 'utilization', value: gpu.utilization_percent === null ? t('unknown') : showShare(gpu.utilization_percent / 100, i18n.language) },
    { key: 'memory', value: t('of', { used: memory(gpu.memory_used_mb), total: memory(gpu.memory_total_mb) }) },
    { key: 'temperature', value: unit(gpu.temperature_c, 'celsius') },
    { key: 'power', value: t('of', { used: watts(gpu.power_w), total: watts(gpu.power_limit_w) }) },
  ] as const;
  return (
    <Card title={<><span className="text-ink-2">{t('gpu', { id: gpu.id })}</span> <bdi>{gpu.name}</bdi></>}>
      <p className={cx('mb-3 flex items-center gap-2 font-semibold', well ? 'text-ok' : 'text-danger')}>
        <Icon aria-hidden className="size-5" />{t(`health.${gpu.health}`)}
      </p>
      {gpu.memory_total_mb !== null && (
        <meter className="mb-3 h-3 w-full" max={gpu.memory_total_mb} value={gpu.memory_used_mb ?? 0} aria-label={t('gpu_fact.memory')} />
      )}
      <dl className="grid grid-cols-2 gap-x-4 gap-y-2 text-sm">
        {facts.map(({ key, value }) => (
          <div key={key}><dt className="text-ink-2">{t(`gpu_fact.${key}`)}</dt><dd className="tabular font-semibold">{value}</dd></div>
        ))}
      </dl>
      {gpu.throttle_reasons.length > 0 && <p className="mt-3 text-sm text-warn">{t('throttled', { reasons: gpu.throttle_reasons.join(', ') })}</p>}
      {gpu.processes.length > 0 && (
        <ul className="mt-3 text-sm text-ink-2">
          {gpu.processes.map(({ pid, name, memory_mb: mb }) => <li key={pid}><bdi>{name}</bdi> ({pid}) {mb !== null && showMemory(mb, i18n.language)}</li>)}
        </ul>
      )}
    </Card>
  );
}

function Selections({ rows }: { rows: SelectionEvent[] }) {
  const { t, i18n } = useTranslation('models');
  const durations = rows.map((row) => row.duration_ms);
  const sorted = durations.toSorted((a, b) => a - b);
  const ms = (part: number) => {
    const value = percentile(sorted, part);
    return value === null ? t('unknown') : showMs(value, i18n.language);
  };
  const share = (count: number) => (rows.length === 0 ? t('unknown') : showShare(count / rows.length, i18n.language));
  const columns = (['time', 'category', 'model', 'duration', 'outcome'] as const).map((key) => ({ key, label: t(`column.${key}`), number: key === 'duration' }));
  if (rows.length === 0) return <Empty title={t('no_selections')}>{t('no_metrics_hint')}</Empty>;
  return (
    <>
      <Figures items={[
        { key: 'shown', label: t('figure.shown'), value: rows.length },
        { key: 'success', label: t('figure.success'), value: share(rows.filter((row) => row.outcome === 'ok').length) },
        { key: 'fallback', label: t('figure.fallback'), value: share(rows.filter((row) => row.outcome === 'fallback').length) },
        { key: 'secondary', label: t('figure.secondary'), value: share(rows.filter((row) => !row.primary).length) },
        { key: 'p50', label: t('figure.p50'), value: ms(0.5) },
        { key: 'p95', label: t('figure.p95'), value: ms(0.95) },
      ]} />
      <Card title={t('durations')} className="mb-6">
        <Lines top={(value) => showMs(value, i18n.language)} from={clock(rows[0]!.time, i18n.language)} to={clock(rows.at(-1)!.time, i18n.language)}
          series={[{ key: 'duration', label: t('column.duration'), values: durations, className: 'stroke-accent' }]} />
      </Card>
      <Table name={t('last')} columns={columns}>
        {rows.slice(-ROWS_MAX).toReversed().map((row, index) => (
          <tr key={rows.length - index}>
            <RowHead>{clock(row.time, i18n.language)}</RowHead>
            <Cell>{row.category}</Cell>
            <Cell><bdi>{row.model}</bdi></Cell>
            <Cell number>{showMs(row.duration_ms, i18n.language)}</Cell>
            <Cell>{t(`outcome.${row.outcome}`)}</Cell>
          </tr>
        ))}
      </Table>
    </>
  );
}

function Alerts({ alerts }: { alerts: ModelAlert[] }) {
  const { t, i18n } = useTranslation('models');
  return (
    <Card title={t('alerts')}>
      <div aria-live="polite">
        {alerts.length === 0 ? <p className="text-ink-2">{t('no_alerts')}</p> : (
          <ul className="space-y-1">
            {alerts.toReversed().slice(0, ROWS_MAX).map(({ time, level, kind, message }) => (
              <li key={`${time}${kind}${level}`}>
                <span className="tabular text-ink-2">{clock(time, i18n.language)}</span>{' '}
                <strong className={cx('font-semibold', level === 'critical' ? 'text-danger' : level === 'warning' && 'text-warn')}>{t(`level.${level}`)}</strong>{' '}
                {message}
              </li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}

export function LiveView() {
  const { t } = useTranslation('models');
  const live = useLive();
  const Icon = live.connected ? IconPlugConnected : IconPlugConnectedX;
  return (
    <div className="space-y-6">
      <p role="status" className="flex items-center gap-2 text-sm text-ink-2"><Icon aria-hidden className="size-5" />{t(live.connected ? 'connected' : 'connecting')}</p>
      {live.gpu && live.gpu.gpus.length > 0
        ? <div className="grid gap-6 md:grid-cols-2">{live.gpu.gpus.map((gpu) => <GpuCard key={gpu.id} gpu={gpu} />)}</div>
        : <Empty title={t('no_gpu')}>{t('no_gpu_hint')}</Empty>}
      <Alerts alerts={live.alerts} />
      <section aria-labelledby="selections">
        <h2 id="selections" className="mb-3 text-lg font-semibold">{t('selections')}</h2>
        <Selections rows={live.selections} />
      </section>
    </div>
  );
}

#include "page.h"

namespace tablinum::models_service {
// clang-format off: three files as they go out

std::string_view page_html() noexcept {
  return R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Models · Tablinum</title>
<link rel="stylesheet" href="dashboard.css">
<script src="dashboard.js" defer></script>
</head>
<body>
<header><h1>Models</h1><p id="state" role="status">connecting …</p></header>
<main>
<section aria-labelledby="figures-title"><h2 id="figures-title">Selections</h2><dl id="figures"></dl></section>
<section aria-labelledby="gpus-title"><h2 id="gpus-title">GPUs</h2><div id="gpus" class="cards"></div></section>
<section aria-labelledby="time-title"><h2 id="time-title">Duration of the last selections (ms)</h2><div id="chart"></div></section>
<section aria-labelledby="models-title"><h2 id="models-title">Models used last</h2><div id="bars"></div></section>
<section aria-labelledby="choose-title"><h2 id="choose-title">Who would do it?</h2>
<form id="choose"><label>Category <select name="category"></select></label>
<label>Method <select name="method"><option>basic</option><option selected>multi</option><option>gpu</option></select></label>
<label>GPU memory (MB) <input name="maxGpuMemoryMb" type="number" min="1" max="16777216"></label>
<button>Explain</button></form><div id="verdicts" aria-live="polite"></div></section>
<section aria-labelledby="alerts-title"><h2 id="alerts-title">Alerts</h2><ul id="alerts" aria-live="polite"></ul></section>
<section aria-labelledby="last-title"><h2 id="last-title">Last selections</h2><div class="wide"><table><thead><tr><th scope="col">Time</th>
<th scope="col">Category</th><th scope="col">Model</th><th scope="col">Score</th><th scope="col">ms</th><th scope="col">Outcome</th></tr></thead>
<tbody id="last"></tbody></table></div></section>
</main>
</body>
</html>
)";
}

// The colours and sizes are those of the archive's pages (web/src/ui/tokens.css).
std::string_view page_css() noexcept {
  return R"(:root{color-scheme:light dark;
--plaster:light-dark(oklch(0.982 0.003 150),oklch(0.185 0.008 200));--card:light-dark(oklch(1 0 0),oklch(0.23 0.01 200));
--ink:light-dark(oklch(0.23 0.012 200),oklch(0.94 0.006 160));--ink-2:light-dark(oklch(0.43 0.015 200),oklch(0.76 0.012 180));
--line:light-dark(oklch(0.88 0.008 180),oklch(0.34 0.012 200));--line-strong:oklch(0.6 0.015 190);
--accent:light-dark(oklch(0.43 0.085 190),oklch(0.8 0.1 185));--on-accent:light-dark(oklch(1 0 0),oklch(0.185 0.008 200));
--focus:light-dark(oklch(0.5 0.19 265),oklch(0.8 0.12 265));--danger:light-dark(oklch(0.47 0.17 27),oklch(0.75 0.14 25));
--warn:light-dark(oklch(0.46 0.1 70),oklch(0.81 0.11 80));--ok:light-dark(oklch(0.43 0.1 150),oklch(0.8 0.12 150))}
*{box-sizing:border-box}
body{margin:0;background:var(--plaster);color:var(--ink);font:1.0625rem/1.5 'Atkinson Hyperlegible Next Variable',system-ui,sans-serif}
header,main{max-width:72rem;margin:0 auto;padding:1rem 1.5rem}
header{display:flex;gap:1rem;align-items:baseline;flex-wrap:wrap}
h1,h2{font-family:'Literata Variable',Georgia,serif;font-weight:600;line-height:1.2}h1{font-size:1.875rem;margin:0}h2{font-size:1.25rem;margin:2rem 0 .5rem}
#state{margin:0;color:var(--ink-2);font-size:.9375rem}#state.off{color:var(--danger)}
.cards,dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:.75rem;margin:0}
dl{grid-template-columns:repeat(auto-fit,minmax(9rem,1fr))}
.card,dl>div{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.75rem 1rem}
.card h3{margin:0 0 .25rem;font-size:1.0625rem}.card p{margin:.1rem 0;font-size:.9375rem;color:var(--ink-2)}
dt{color:var(--ink-2);font-size:.8125rem}dd{margin:0;font-size:1.5rem;font-variant-numeric:tabular-nums}
meter{width:100%;height:.6rem}
.HEALTHY{color:var(--ok)}.HOT,.LOST,.critical,.error{color:var(--danger)}.OVERLOADED,.HIGH_POWER,.warning,.fallback{color:var(--warn)}
svg{width:100%;height:auto;display:block;background:var(--card);border:1px solid var(--line);border-radius:6px}
svg text{fill:var(--ink-2);font-size:12px}svg .line{fill:none;stroke:var(--accent);stroke-width:2}svg .bar{fill:var(--accent)}svg .grid{stroke:var(--line)}
table{border-collapse:collapse;width:100%;font-size:.9375rem;font-variant-numeric:tabular-nums}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line)}
th{color:var(--ink-2)}.wide{overflow-x:auto}ul{padding-left:1.2rem;margin:0}
form{display:flex;flex-wrap:wrap;gap:.75rem;align-items:end}label{display:grid;gap:.2rem;font-size:.9375rem;color:var(--ink-2)}
select,input,button{font:inherit;color:var(--ink);background:var(--card);border:1px solid var(--line-strong);border-radius:4px;padding:.4rem .6rem;min-height:2.75rem}
button{background:var(--accent);color:var(--on-accent);border-color:var(--accent);cursor:pointer}:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
#verdicts p{margin:.4rem 0}
)";
}

std::string_view page_js() noexcept {
  return R"JS('use strict';
const api = 'api/v1/models';
const kept = 200;
let selections = [];
const by = (id) => document.getElementById(id);
const make = (tag, text, cls) => { const e = document.createElement(tag); if (text !== undefined) e.textContent = text; if (cls) e.className = cls; return e; };
const svg = (tag, attributes, text) => {
  const e = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  if (text !== undefined) e.textContent = text;
  return e;
};
const number = (v, unit = '') => v === null || v === undefined ? 'n/a' : `${Math.round(v * 10) / 10}${unit}`;

function showGpus(gpu, problem) {
  const box = by('gpus');
  box.replaceChildren();
  if (!gpu || gpu.gpus.length === 0) { box.append(make('p', problem ? `No GPU: ${problem}` : 'No GPU.')); return; }
  for (const g of gpu.gpus) {
    const card = make('div', undefined, 'card');
    const title = make('h3', `GPU ${g.id} ${g.name} `);
    title.append(make('span', g.health, g.health));
    card.append(title, make('p', `Utilisation ${number(g.utilization_percent, ' %')}`));
    if (g.memory_total_mb) {
      const meter = document.createElement('meter');
      meter.max = g.memory_total_mb;
      meter.value = g.memory_used_mb ?? 0;
      meter.setAttribute('aria-label', `Memory of GPU ${g.id}`);
      card.append(meter);
    }
    card.append(make('p', `Memory ${number(g.memory_used_mb)} of ${number(g.memory_total_mb)} MB`));
    card.append(make('p', `${number(g.temperature_c, ' °C')}, ${number(g.power_w)} of ${number(g.power_limit_w, ' W')}`));
    if (g.throttle_reasons.length) card.append(make('p', `Throttled: ${g.throttle_reasons.join(', ')}`, 'warning'));
    for (const p of g.processes) card.append(make('p', `${p.pid} ${p.name} ${number(p.memory_mb, ' MB')}`));
    box.append(card);
  }
}

function showFigures() {
  const n = selections.length;
  const durations = selections.map((s) => s.duration_ms).sort((a, b) => a - b);
  const share = (f) => n ? `${Math.round(1000 * selections.filter(f).length / n) / 10} %` : '–';
  const at = (q) => n ? `${durations[Math.max(0, Math.ceil(q * n) - 1)]} ms` : '–';
  const rows = [['shown', n], ['success', share((s) => s.outcome === 'ok')], ['fallbacks', share((s) => s.outcome === 'fallback')],
    ['secondary', share((s) => !s.primary)], ['median', at(0.5)], ['95th percentile', at(0.95)]];
  by('figures').replaceChildren(...rows.map(([name, value]) => { const d = make('div'); d.append(make('dt', name), make('dd', value)); return d; }));
}

function showChart() {
  const width = 960, height = 180, left = 48;
  const high = Math.max(1, ...selections.map((s) => s.duration_ms));
  const root = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': 'Duration of the last selections' });
  for (const part of [0, 0.5, 1]) {
    const y = 10 + (height - 20) * (1 - part);
    root.append(svg('line', { class: 'grid', x1: left, x2: width - 10, y1: y, y2: y }));
    root.append(svg('text', { x: left - 6, y: y + 4, 'text-anchor': 'end' }, Math.round(high * part)));
  }
  const x = (i) => left + (width - left - 10) * (selections.length < 2 ? 0.5 : i / (selections.length - 1));
  const points = selections.map((s, i) => `${x(i).toFixed(1)},${(10 + (height - 20) * (1 - s.duration_ms / high)).toFixed(1)}`);
  root.append(svg('polyline', { class: 'line', points: points.join(' ') }));
  by('chart').replaceChildren(root);
}

function showBars() {
  const counts = new Map();
  for (const s of selections) counts.set(s.model, (counts.get(s.model) ?? 0) + 1);
  const rows = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 10);
  const most = Math.max(1, ...rows.map((r) => r[1]));
  const root = svg('svg', { viewBox: `0 0 960 ${rows.length * 26 + 12}`, role: 'img', 'aria-label': 'Models used last' });
  rows.forEach(([name, count], i) => {
    const y = 8 + i * 26;
    root.append(svg('text', { x: 300, y: y + 14, 'text-anchor': 'end' }, name));
    root.append(svg('rect', { class: 'bar', x: 310, y, width: Math.max(2, 560 * count / most), height: 18, rx: 3 }));
    root.append(svg('text', { x: 318 + 560 * count / most, y: y + 14 }, count));
  });
  by('bars').replaceChildren(root);
}

function showLast() {
  by('last').replaceChildren(...selections.slice(-20).reverse().map((s) => {
    const row = make('tr');
    for (const cell of [s.time.replace('T', ' ').slice(0, 19), s.category, s.model, number(s.score), s.duration_ms]) row.append(make('td', cell));
    row.append(make('td', s.outcome, s.outcome));
    return row;
  }));
}

const addAlert = (a) => {
  const item = make('li', undefined, a.level);
  item.textContent = `${a.time.replace('T', ' ').slice(0, 19)} ${a.level}: ${a.message}`;
  by('alerts').prepend(item);
  while (by('alerts').children.length > 100) by('alerts').lastChild.remove();
};
let drawing = false;
function redraw() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => { drawing = false; showFigures(); showChart(); showBars(); showLast(); });
}

async function categories() {
  const answer = await (await fetch(`${api}/categories`)).json();
  by('choose').category.replaceChildren(...answer.items.map((c) => { const o = make('option', c.name); o.value = c.key; return o; }));
}

by('choose').addEventListener('submit', async (event) => {
  event.preventDefault();
  const query = new URLSearchParams([...new FormData(event.target)].filter(([, v]) => v !== ''));
  const answer = await (await fetch(`${api}/select?${query}`)).json();
  const lines = (answer.verdicts ?? []).map((v) => make('p', `${v.taken ? '→' : v.eligible ? '✓' : '✗'} ${v.model}: ${v.words}`));
  const head = answer.model ? `${answer.model}, score ${number(answer.score)}${answer.fallback ? ' (a fallback)' : ''}` : answer.error ?? answer.detail;
  by('verdicts').replaceChildren(make('p', head), ...lines);
});

function connect() {
  const events = new EventSource(`${api}/stream`);
  const state = by('state');
  events.onopen = () => { state.textContent = 'live'; state.className = ''; };
  events.onerror = () => { state.textContent = 'not connected; trying again …'; state.className = 'off'; };
  events.addEventListener('state', (e) => {
    const all = JSON.parse(e.data);
    selections = all.selections;
    showGpus(all.gpu, all.gpu_problem);
    by('alerts').replaceChildren();
    all.alerts.forEach(addAlert);
    redraw();
  });
  events.addEventListener('gpu', (e) => showGpus(JSON.parse(e.data), ''));
  events.addEventListener('selection', (e) => { selections.push(JSON.parse(e.data)); selections = selections.slice(-kept); redraw(); });
  events.addEventListener('alert', (e) => addAlert(JSON.parse(e.data)));
}
categories();
connect();
)JS";
}

// clang-format on
}  // namespace tablinum::models_service

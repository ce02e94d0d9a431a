// Metrics: what was recorded, and how it changes since the page is open.
import { html, useEffect, useMemo, useState } from '../vendor/preact_htm.js';
import { change, getText } from '../api.js';
import { Badge, ConfirmButton, ErrorNote, Note, RouteLink, SearchRow } from '../controls.js';
import { formatDuration, formatNumber } from '../format.js';
import { parseMetrics, quantile, splitBucket } from '../parse_metrics.js';
import { useAction, usePolled } from '../polling.js';
import { connection, createStore, has, useStore } from '../store.js';
import { SeriesHistory, Sparkline } from '../sparkline.js';
import { VirtualList } from '../virtual_list.js';

const INTERVAL = 6000;
const KEPT_VALUES = 60;
const MAX_FAMILY_HISTORIES = 6000;
const MAX_SERIES_HISTORIES = 2000;
const MAX_SERIES_SHOWN = 100;

export const metricsPanel = { id: 'metrics', title: 'Metrics', needs: ['GET', '/metrics'], Panel: MetricsPanel };

// The last scrape with rates, kept while the page is open: { families, at, error }.
const scrape = createStore(null);
const history = new SeriesHistory(KEPT_VALUES, MAX_FAMILY_HISTORIES);
const seriesHistory = new SeriesHistory(KEPT_VALUES, MAX_SERIES_HISTORIES);
let previous = null;

// Durations are in seconds; a time is a number that is shown exactly.
const isDuration = (family) => /_seconds$/.test(family.name) && (family.type === 'histogram' || family.type === 'summary');
const formatOf = (family) => (isDuration(family) ? formatDuration : formatNumber);

const isCounter = (type) => type === 'counter' || type === 'histogram' || type === 'summary';

// What one number says of a family: the rate of a counter, the observations of a histogram, a gauge itself.
function familySum(family) {
  const counted = family.type === 'histogram' || family.type === 'summary' ? `${family.name}_count` : family.name;
  let sum = 0;
  for (const sample of family.samples) if (sample.name === counted) sum += sample.value;
  return sum;
}

// A counter that is smaller than before began again at 0.
const increase = (before, after) => (after < before ? after : after - before);

// A quantile of a summary is a value by itself.
const isCounted = (sample, family) => isCounter(family.type) && !(family.type === 'summary' && sample.name === family.name);

function record(text) {
  const at = Date.now();
  const families = parseMetrics(text);
  const seconds = previous ? (at - previous.at) / 1000 : null;
  const sums = new Map();
  const values = new Map();
  history.begin();
  seriesHistory.begin();
  for (const family of families.values()) {
    const sum = familySum(family);
    sums.set(family.name, sum);
    const before = previous?.sums.get(family.name);
    // Several gauges have no sum.
    const value = family.samples.length > 1 ? null : sum;
    family.now = isCounter(family.type) ? (before === undefined ? null : increase(before, sum) / seconds) : value;
    if (family.now !== null) history.add(family.name, family.now);
    if (values.size >= MAX_SERIES_HISTORIES) continue;
    for (const sample of family.samples) {
      if (sample.name.endsWith('_bucket') && family.type === 'histogram') continue;
      const key = `${sample.name}{${sample.labels}}`;
      values.set(key, sample.value);
      const old = previous?.values.get(key);
      if (!isCounted(sample, family)) seriesHistory.add(key, sample.value);
      else if (old !== undefined) seriesHistory.add(key, increase(old, sample.value) / seconds);
    }
  }
  history.end();
  seriesHistory.end();
  previous = { at, sums, values };
  return { families: [...families.values()], at };
}

// Scrapes from the moment the page is open, whichever panel is shown.
export function MetricsSampler() {
  const { epoch } = useStore(connection);
  useEffect(() => {
    previous = null; // another process counts from 0
  }, [epoch]);
  const { data, error } = usePolled(async (signal) => {
    const result = record(await getText('/metrics', { signal }));
    scrape.set(result);
    return null;
  }, INTERVAL);
  if (error && scrape.get()?.error !== error) scrape.set({ ...(scrape.get() ?? { families: [] }), error });
  return data;
}

function MetricsPanel() {
  const shown = useStore(scrape);
  const [search, setSearch] = useState('');
  const [chosen, setChosen] = useState(null);
  const action = useAction(() => change('POST', '/metrics/reset'));
  const families = shown?.families ?? [];
  const wanted = search.toLowerCase();
  const found = useMemo(
    () => families.filter((it) => it.name.toLowerCase().includes(wanted) || it.help.toLowerCase().includes(wanted)),
    [families, wanted],
  );
  const family = families.find((it) => it.name === chosen);
  return html`<${ErrorNote} error=${shown?.error} />
    <${SearchRow} value=${search} onInput=${setSearch} found=${`${found.length} of ${families.length} families`}>
      <${RouteLink} path="/metrics">as text<//>
      ${has('POST', '/metrics/reset') && html`<${ConfirmButton} effect="write" label="Reset all" disabled=${action.isRunning} onConfirm=${() => action.run()} />`}<//>
    <${ErrorNote} error=${action.error} /><${Note}>${action.message && `Reset: ${action.message}`}<//>
    <div class="split">
      <${VirtualList} items=${found} label="Metric families" render=${(it) => html`<${FamilyRow} key=${it.name} family=${it} isChosen=${it.name === chosen} choose=${setChosen} at=${shown.at} />`} />
      ${family && html`<${FamilyDetail} family=${family} />`}
    </div>`;
}

function nowText(family) {
  if (!isCounter(family.type) && family.samples.length > 1) return `${family.samples.length} series`;
  if (family.now === null || family.now === undefined) return '';
  return isCounter(family.type) ? `${formatNumber(family.now)}/s` : formatNumber(family.now);
}

function FamilyRow({ family, isChosen, choose }) {
  return html`<div role="listitem" class=${isChosen ? 'family chosen' : 'family'}>
    <button type="button" class="name" aria-pressed=${isChosen} title=${family.help} onClick=${() => choose(isChosen ? null : family.name)}>${family.name}</button>
    <span class="kind">${family.type}</span>
    <span class="number" title=${nowText(family)}>${nowText(family)}</span>
    <${Sparkline} values=${history.values(family.name)} label=${`${family.name} over time`} />
  </div>`;
}

function FamilyDetail({ family }) {
  const rows = family.type === 'histogram' ? histogramRows(family) : family.samples.map((it) => ({ key: `${it.name}{${it.labels}}`, sample: it }));
  return html`<section class="card detail" aria-label=${family.name}>
    <h3>${family.name} <${Badge} kind="unknown">${family.type}<//></h3>
    <p class="said">${family.help}</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Series"><table>
      ${family.type === 'histogram' ? html`<thead><tr><th scope="col">Labels</th><th scope="col">Count</th><th scope="col">Rate</th><th scope="col">Mean</th><th scope="col">p50</th><th scope="col">p90</th><th scope="col">p99</th></tr></thead>
        <tbody>${rows.slice(0, MAX_SERIES_SHOWN).map((row) => html`<${HistogramLine} key=${row.labels} row=${row} family=${family} />`)}</tbody>`
        : html`<thead><tr><th scope="col">Series</th><th scope="col">Value</th><th scope="col">${isCounter(family.type) ? 'Rate' : ''}</th><th scope="col">Since the page is open</th></tr></thead>
        <tbody>${rows.slice(0, MAX_SERIES_SHOWN).map(({ key, sample }) => html`<${SeriesLine} key=${key} id=${key} sample=${sample} family=${family} />`)}</tbody>`}
    </table></div>
    ${rows.length > MAX_SERIES_SHOWN && html`<p class="note">The first ${MAX_SERIES_SHOWN} of ${rows.length} series.</p>`}
  </section>`;
}

function SeriesLine({ id, sample, family }) {
  const values = seriesHistory.values(id);
  const rate = isCounted(sample, family) && values.length > 0 ? `${formatNumber(values.at(-1))}/s` : '';
  const name = sample.name === family.name ? sample.labels || sample.name : `${sample.name} ${sample.labels}`;
  const format = sample.name.endsWith('_count') ? formatNumber : formatOf(family);
  return html`<tr><td class="symbol">${name}</td><td class="number">${format(sample.value)}</td><td class="number">${rate}</td>
    <td><${Sparkline} values=${values} label="over time" /></td></tr>`;
}

function histogramRows(family) {
  const rows = new Map();
  const rowOf = (labels) => {
    const row = rows.get(labels) ?? { labels, buckets: [], sum: 0, count: 0 };
    rows.set(labels, row);
    return row;
  };
  for (const sample of family.samples) {
    if (sample.name.endsWith('_bucket')) {
      const bucket = splitBucket(sample.labels);
      if (bucket) rowOf(bucket.labels).buckets.push({ bound: bucket.bound, count: sample.value });
    } else if (sample.name.endsWith('_sum')) rowOf(sample.labels).sum = sample.value;
    else if (sample.name.endsWith('_count')) rowOf(sample.labels).count = sample.value;
  }
  return [...rows.values()].map((row) => ({ ...row, key: row.labels }));
}

function HistogramLine({ row, family }) {
  const format = formatOf(family);
  const values = seriesHistory.values(`${family.name}_count{${row.labels}}`);
  const mean = row.count > 0 ? row.sum / row.count : null;
  // Within the first bucket nothing is known but its bound.
  const first = Math.min(...row.buckets.map((bucket) => bucket.bound));
  const shown = (value) => (value !== null && value <= first ? `≤ ${format(first)}` : format(value));
  const quantiles = [0.5, 0.9, 0.99].map((fraction) => shown(quantile(row.buckets, fraction)));
  return html`<tr><td class="symbol">${row.labels || '(none)'}</td><td class="number">${formatNumber(row.count)}</td>
    <td class="number">${values.length > 0 ? `${formatNumber(values.at(-1))}/s` : ''}</td><td class="number">${format(mean)}</td>
    ${quantiles.map((value, at) => html`<td class="number" key=${at}>${value}</td>`)}</tr>`;
}

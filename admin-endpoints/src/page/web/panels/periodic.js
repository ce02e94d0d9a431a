// Periodic threads: state, last runs, and what an operator does with them.
import { html, useRef, useState } from '../vendor/preact_htm.js';
import { change, getJson } from '../api.js';
import { Badge, ConfirmButton, ErrorNote, Note, RouteLink, SearchRow, ShowMore, When, useLimit } from '../controls.js';
import { formatDuration, formatExact, parseTime } from '../format.js';
import { useAction, useNow, usePolled } from '../polling.js';
import { connection, has, useStore } from '../store.js';

const INTERVAL = 4000;
const SHOWN_RUNS = 20;
const STEP = 60;

export const periodicPanel = { id: 'periodic', title: 'Periodic threads', needs: ['GET', '/periodic-threads'], Panel: PeriodicPanel };

function PeriodicPanel() {
  const [search, setSearch] = useState('');
  const [limit, more] = useLimit(STEP, search);
  const { epoch } = useStore(connection);
  const histories = useRef(new Map());
  const seen = useRef(epoch);
  if (seen.current !== epoch) {
    seen.current = epoch;
    histories.current = new Map(); // those of another process
  }
  const { data, error, reload } = usePolled((signal) => load(histories.current, signal), INTERVAL);
  if (!data) return html`<${ErrorNote} error=${error} />`;
  const wanted = search.toLowerCase();
  const found = data.threads.filter((thread) => thread.name.toLowerCase().includes(wanted));
  const { summary } = data;
  return html`<${ErrorNote} error=${error} />
    <${SearchRow} value=${search} onInput=${setSearch} found=${`${summary.active_count} of ${summary.total_count} active`}>
      <${RouteLink} path="/periodic-threads">as JSON<//><//>
    <div class="cards">${found.slice(0, limit).map((thread) => html`<${PeriodicCard} key=${thread.name} thread=${thread} at=${data.at}
      runs=${histories.current.get(thread.name)?.runs ?? []} reload=${reload} />`)}</div><${ShowMore} count=${found.length} limit=${limit} more=${more} />`;
}

// The list, and for one thread that had more than one run since the last time its history.
async function load(histories, signal) {
  const list = await getJson('/periodic-threads', { signal });
  let isNew = histories.size === 0;
  let left = isNew ? 30 : 1;
  for (const thread of list.threads) {
    const known = histories.get(thread.name);
    const missed = thread.total_runs - (known?.totalRuns ?? 0);
    if (missed === 0) continue;
    const last = thread.last_summary;
    if (known && missed === 1 && last) {
      known.runs = [...known.runs, last].slice(-SHOWN_RUNS);
      known.totalRuns = thread.total_runs;
    } else if (left > 0) {
      left -= 1;
      const query = [['history', 'true']];
      const one = await getJson(`/periodic-threads/${encodeURIComponent(thread.name)}`, { query, signal });
      const runs = [...(one.recent_runs ?? [])].sort((a, b) => a.timestamp - b.timestamp);
      histories.set(thread.name, { runs: runs.slice(-SHOWN_RUNS), totalRuns: one.total_runs });
    }
  }
  return { ...list, at: Date.now() };
}

const STATE_KINDS = { waiting: 'good', running: 'good', idle: 'good', paused: 'unknown', starting: 'unknown' };

function PeriodicCard({ thread, runs, at, reload }) {
  const path = `/periodic-threads/${encodeURIComponent(thread.name)}`;
  const action = useAction(async (what) => {
    await change('POST', `${path}/${what}`);
    reload();
    return `${what}: accepted`;
  });
  const isPaused = thread.state === 'paused';
  const actions = ['run', isPaused ? 'resume' : 'pause'].filter((it) => has('POST', `/periodic-threads/{thread_name}/${it}`));
  const kind = thread.is_active ? (STATE_KINDS[thread.state] ?? 'unknown') : isPaused ? 'unknown' : 'bad';
  return html`<section class="card" aria-label=${thread.name}>
    <h3><${RouteLink} path=${path} query=${[['history', 'true']]}>${thread.name}<//>
      <${Badge} kind=${`level ${thread.level}`}>${thread.level}<//>
      <${Badge} kind=${kind}>${thread.state}<//></h3>
    <${RunStrip} runs=${runs} />
    <dl>
      <div><dt>Last run</dt><dd><${When} time=${parseTime(thread.last_summary?.timestamp ?? thread.last_run_time)} /></dd></div>
      <div><dt>Next run</dt><dd><${NextRun} thread=${thread} at=${at} /></dd></div>
      <div><dt>Every</dt><dd>${formatDuration(thread.interval)}</dd></div>
      <div><dt>Runs</dt><dd>${thread.total_runs}, ${thread.failed_runs} failed</dd></div>
      ${thread.overruns > 0 && html`<div><dt>Overruns</dt><dd>${thread.overruns}</dd></div>`}
      ${thread.consecutive_failures > 0 && html`<div><dt>Failures in a row</dt><dd>${thread.consecutive_failures}</dd></div>`}
    </dl>
    ${thread.last_summary?.message && html`<p class=${thread.last_summary.success ? 'said' : 'said failed'}>${thread.last_summary.message}</p>`}
    <p class="row">${actions.map((what) => html`<${ConfirmButton} key=${what} effect="write" label=${what} of=${thread.name} disabled=${action.isRunning} onConfirm=${() => action.run(what)} />`)}</p>
    <${ErrorNote} error=${action.error} /><${Note}>${action.message}<//>
  </section>`;
}

function RunStrip({ runs }) {
  const longest = runs.reduce((most, run) => Math.max(most, run.duration_ms), 0.001);
  const failed = runs.filter((run) => !run.success).length;
  return html`<div class="strip" role="img" aria-label=${`the last ${runs.length} runs, ${failed} failed`}>
    ${runs.map((run) => html`<span key=${run.timestamp} class=${run.success ? 'mark good' : 'mark bad'}
      style=${{ height: `${6 + 18 * Math.sqrt(run.duration_ms / longest)}px` }}
      title=${`${formatExact(parseTime(run.timestamp))}: ${formatDuration(run.duration_ms / 1000)}${run.message ? `, ${run.message}` : ''}`}></span>`)}
  </div>`;
}

// What the settings say; the jitter and the length of the next run are not known.
function NextRun({ thread, at }) {
  const now = useNow();
  if (thread.state === 'paused') return html`<span>paused</span>`;
  if (thread.state === 'running') return html`<span>running now</span>`;
  if (!thread.is_running) return html`<span>–</span>`;
  if (thread.last_run_ago === null) return html`<span>after the first wait of ${formatDuration(thread.init_wait)}</span>`;
  const left = thread.interval - thread.last_run_ago - (now - at) / 1000;
  return html`<span>${left > 0.5 ? `in about ${formatDuration(Math.ceil(left))}` : 'now'}</span>`;
}

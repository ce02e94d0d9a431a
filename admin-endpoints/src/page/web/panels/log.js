// Log records as they are logged.
import { html, useEffect, useRef, useState } from '../vendor/preact_htm.js';
import { readLines } from '../api.js';
import { ErrorNote, Field, RouteLink, Search, formEvents } from '../controls.js';
import { parseExactly } from '../parse_exactly.js';
import { connection, has, index, recall, remember, useStore } from '../store.js';

const KEPT = 1000;
const SHOWN = 400;
const RETRY = 2000;

export const logPanel = { id: 'log', title: 'Log', needs: ['GET', '/logs'], Panel: LogPanel };

function hasHistory() {
  const endpoint = index.get()?.endpoints.find((it) => it.path === '/logs');
  return endpoint?.status?.history === 'on';
}

function LogPanel() {
  const [filter, setFilter] = useState(recall(sessionStorage, 'log-filter') ?? 'info');
  const [used, setUsed] = useState(filter);
  const [search, setSearch] = useState('');
  const [isPaused, setIsPaused] = useState(false);
  const stream = useLogStream(used, isPaused);
  const box = useRef();
  const isAtEnd = useRef(true);
  const wanted = search.toLowerCase();
  const found = wanted ? stream.rows.filter((row) => row.text.toLowerCase().includes(wanted)) : stream.rows;
  const rows = found.slice(-SHOWN);
  useEffect(() => {
    if (isAtEnd.current) box.current.scrollTop = box.current.scrollHeight;
  });
  function onScroll(event) {
    const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
    isAtEnd.current = scrollHeight - scrollTop - clientHeight < 30;
  }
  function start() {
    remember(sessionStorage, 'log-filter', filter);
    setUsed(filter);
    stream.restart();
  }
  return html`<form class="row" ...${formEvents(start)} aria-label="Log filter">
      <${Field} label="Filter" value=${filter} onInput=${setFilter} size="36" hint="as in RUST_LOG: info,cache=debug" />
      <button>Follow</button>
      <button type="button" aria-pressed=${isPaused} onClick=${() => setIsPaused(!isPaused)}>${isPaused ? 'Continue' : 'Pause'}</button>
      <button type="button" onClick=${stream.clear}>Clear</button>
      <${Search} value=${search} onInput=${setSearch} />
      <${RouteLink} path="/logs" query=${[['filter', used], ['format', 'text']]}>as text<//>
    </form>
    <${ErrorNote} error=${stream.error} />
    <p class="row" role="status"><span>${stream.state}</span><span>${found.length} records</span>
      ${stream.dropped > 0 && html`<span class="failed">${stream.dropped} dropped</span>`}
      ${stream.waiting > 0 && html`<span>${stream.waiting} while paused${stream.waiting > KEPT ? `, the last ${KEPT} are kept` : ''}</span>`}
      ${found.length > rows.length && html`<span>the last ${rows.length} are shown</span>`}
      <${Loudest} rows=${stream.rows} /></p>
    <div class="log" ref=${box} onScroll=${onScroll} tabindex="0" role="log" aria-label="Log records" aria-live="off">
      ${rows.length === 0 && html`<p class="facts">Nothing was logged at these levels yet.</p>`}
      ${rows.map((row) => html`<div key=${row.id} class=${`record ${row.level}`}>${row.text}</div>`)}
    </div>`;
}

// The targets with the most records, which say who logs too much, with links to their levels.
function Loudest({ rows }) {
  const counts = new Map();
  for (const { target } of rows) if (target) counts.set(target, (counts.get(target) ?? 0) + 1);
  const sorted = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 3);
  if (sorted.length === 0) return null;
  const isLink = has('GET', '/loglevel');
  return html`<span>most from${sorted.map(([target, count]) => html` <span key=${target}>${isLink ? html`<a href=${`#loggers/${encodeURIComponent(target)}`}>${target}</a>` : target} (${count})</span>`)}</span>`;
}

// The records of a stream, which ends while the tab is hidden and starts again with it.
function useLogStream(filter, isPaused) {
  const { epoch } = useStore(connection);
  const [turn, setTurn] = useState(0);
  const [shown, setShown] = useState({ rows: [], dropped: 0, waiting: 0 });
  const [state, setState] = useState('starting');
  const [error, setError] = useState(null);
  const buffer = useRef({ rows: [], dropped: 0, next: 0 });
  const paused = useRef(isPaused);
  paused.current = isPaused;

  useEffect(() => {
    let abort = null;
    let timer;
    let isOver = false;
    async function follow(tail) {
      if (document.hidden || isOver) return;
      abort = new AbortController();
      const query = [['filter', filter], ['seconds', '3600'], ['format', 'ndjson']];
      if (tail && hasHistory()) query.push(['tail', '100']);
      const stopped = buffer.current.stopped;
      if (stopped) {
        buffer.current.stopped = null;
        const seconds = Math.round((Date.now() - stopped) / 1000);
        take(buffer.current, JSON.stringify({ note: `… not followed for ${seconds} s …` }));
      }
      setState('following');
      setError(null);
      try {
        await readLines('/logs', { query, signal: abort.signal }, (line) => take(buffer.current, line));
      } catch (failure) {
        if (failure.name === 'AbortError') return;
        buffer.current.stopped ??= Date.now();
        setError(failure);
        setState('stopped');
        // A refusal stays one; a lost connection does not.
        if (failure.status && failure.status !== 429) return;
      }
      timer = setTimeout(follow, RETRY, false);
    }
    function onVisibility() {
      if (document.hidden) {
        abort?.abort();
        clearTimeout(timer);
        buffer.current.stopped ??= Date.now();
        setState('paused while hidden');
      } else {
        follow(false);
      }
    }
    function show() {
      const { rows, dropped } = buffer.current;
      setShown((before) => {
        if (paused.current) {
          const last = before.rows.at(-1)?.id ?? -1;
          const waiting = buffer.current.next - 1 - last;
          return waiting === before.waiting ? before : { ...before, waiting };
        }
        const isSame = before.rows.at(-1) === rows.at(-1) && before.rows.length === rows.length;
        return isSame && before.waiting === 0 && before.dropped === dropped ? before : { rows: [...rows], dropped, waiting: 0 };
      });
    }
    const painter = setInterval(show, 250);
    document.addEventListener('visibilitychange', onVisibility);
    follow(buffer.current.rows.length === 0);
    return () => {
      isOver = true;
      abort?.abort();
      clearTimeout(timer);
      clearInterval(painter);
      document.removeEventListener('visibilitychange', onVisibility);
    };
  }, [filter, epoch, turn]);

  function clear() {
    buffer.current.rows = [];
    buffer.current.dropped = 0;
    setShown({ rows: [], dropped: 0, waiting: 0 });
  }
  return { ...shown, state, error, clear, restart: () => setTurn((before) => before + 1) };
}

function take(buffer, line) {
  if (!line) return;
  let record;
  try {
    record = parseExactly(line);
  } catch {
    return;
  }
  const row = { id: buffer.next, level: record.level ?? 'NOTE', target: record.target, text: recordText(record) };
  buffer.next += 1;
  if (record.dropped) buffer.dropped += record.dropped;
  if (record.end) return;
  buffer.rows.push(row);
  if (buffer.rows.length > KEPT) buffer.rows.splice(0, buffer.rows.length - KEPT);
}

function recordText(record) {
  if (record.dropped) return `… ${record.dropped} records dropped …`;
  if (record.note) return record.note;
  const fields = Object.entries(record.fields ?? {}).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const spans = (record.spans ?? []).map((span) => span.name).join(':');
  const scope = spans ? `${spans}: ` : '';
  return `${record.time.slice(11, 23)} ${record.level.padEnd(5)} ${scope}${record.target}: ${record.message ?? ''} ${fields.join(' ')}${record.rounded ? ` (${record.rounded})` : ''}`.trimEnd();
}

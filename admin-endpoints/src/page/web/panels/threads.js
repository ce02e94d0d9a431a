// Stacks of all threads, grouped, and what changed between two dumps.
import { html, useEffect, useMemo, useState } from '../vendor/preact_htm.js';
import { getJson } from '../api.js';
import { Badge, Choice, ErrorNote, RouteLink, Search, ShowMore, When, useLimit } from '../controls.js';
import { formatDuration } from '../format.js';
import { stackAddresses, stackLines } from '../parse_stacks.js';
import { useAction, usePolled } from '../polling.js';
import { clock } from '../store.js';

const BETWEEN_DUMPS = 3000;
const DUMP_THREAD = 'admin-thread-dump';
const STEP = 100;
const MAX_NAMES = 12;

export const threadsPanel = { id: 'threads', title: 'Threads', needs: ['GET', '/threads'], Panel: ThreadsPanel };

async function takeDump(signal) {
  const query = [['format', 'json']];
  const answer = await getJson('/threads', { query, signal });
  const threads = answer.threads.map((thread) => {
    const lines = stackLines(thread);
    return { ...thread, lines, stack: lines.join('\n'), addresses: stackAddresses(thread) };
  });
  return { threads, notes: answer.notes ?? [], at: Date.now() + clock.get() };
}

function ThreadsPanel() {
  const [search, setSearch] = useState('');
  const [limit, more] = useLimit(STEP, search);
  const [state, setState] = useState('');
  const [compared, setCompared] = useState(null);
  const [latest, setLatest] = useState(null);
  const first = usePolled(takeDump, 0);
  const action = useAction(async () => setLatest(await takeDump()));
  const comparison = useAction(async () => {
    const before = await takeDump();
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_DUMPS));
    const after = await takeDump();
    setCompared(compare(before, after));
    setLatest(after);
  });
  const dump = latest ?? first.data;
  const groups = useMemo(() => (dump ? grouped(dump.threads, compared) : []), [dump, compared]);
  const wanted = search.toLowerCase();
  const found = groups
    .map((group) => ({ ...group, threads: group.threads.filter((it) => isFound(it, wanted, state)) }))
    .filter((group) => group.threads.length > 0);
  const states = [...new Set((dump?.threads ?? []).map((thread) => thread.state))].sort();
  return html`<p class="row">
      <button type="button" onClick=${() => { setCompared(null); action.run(); }} disabled=${action.isRunning}>Take a dump</button>
      <button type="button" onClick=${comparison.run} disabled=${comparison.isRunning}>${comparison.isRunning ? 'Comparing…' : 'Compare two dumps'}</button>
      <${Search} value=${search} onInput=${setSearch} />
      <${Choice} label="State" value=${state} onInput=${setState} options=${[['', 'all'], ...states.map((it) => [it, it])]} />
      <${RouteLink} path="/threads">as text<//>
    </p>
    <${ErrorNote} error=${action.error ?? comparison.error ?? (latest ? null : first.error)} />
    ${first.isLoading && !dump && html`<p role="status">Taking a dump…</p>`}
    ${dump && html`<p class="row"><span role="status">${dump.threads.length} threads, ${found.reduce((sum, group) => sum + group.threads.length, 0)} shown in ${found.length} groups
      ${compared && `; ${compared.changed} changed, ${compared.gone.length} ended, in ${formatDuration(compared.seconds)}; the busiest first`}</span>
        <span class="facts">taken <${When} time=${new Date(dump.at)} /></span></p>
      ${dump.notes.map((note) => html`<p class="note" key=${note}>${note}</p>`)}`}
    ${compared?.gone.map((thread) => html`<p key=${thread.tid}>ended: ${thread.name} (tid ${thread.tid})</p>`)}
    ${found.slice(0, limit).map((group) => html`<${ThreadGroup} key=${group.key} group=${group} compared=${compared} isOpen=${found.length <= 3} />`)}
    <${ShowMore} count=${found.length} limit=${limit} more=${more} />`;
}

function isFound(thread, wanted, state) {
  if (state && thread.state !== state) return false;
  return !wanted || thread.name.toLowerCase().includes(wanted) || String(thread.tid) === wanted || thread.stack.toLowerCase().includes(wanted);
}

// Threads with one stack are one group; with a comparison the busiest come first.
function grouped(threads, compared) {
  const groups = new Map();
  for (const thread of threads) {
    const key = thread.addresses || `none: ${thread.tid}`;
    const group = groups.get(key) ?? { key, lines: thread.lines, reason: thread.reason ?? thread.error, threads: [], cpu: 0 };
    group.threads.push(thread);
    group.cpu = Math.max(group.cpu, compared?.byTid.get(thread.tid)?.cpu ?? thread.cpu_seconds ?? 0);
    groups.set(key, group);
  }
  const all = [...groups.values()];
  // The thread that took the dumps would often be the busiest.
  const isOwn = (group) => group.threads.every((thread) => thread.name === DUMP_THREAD);
  return compared ? all.sort((a, b) => isOwn(a) - isOwn(b) || b.cpu - a.cpu) : all.sort((a, b) => b.threads.length - a.threads.length || b.cpu - a.cpu);
}

function compare(before, after) {
  const old = new Map(before.threads.map((thread) => [thread.tid, thread]));
  const byTid = new Map();
  let changed = 0;
  for (const thread of after.threads) {
    const known = old.get(thread.tid);
    old.delete(thread.tid);
    const what = !known ? 'new' : known.addresses === thread.addresses ? 'same' : 'changed';
    if (what !== 'same') changed += 1;
    byTid.set(thread.tid, { what, cpu: known ? (thread.cpu_seconds ?? 0) - (known.cpu_seconds ?? 0) : 0 });
  }
  return { byTid, changed, gone: [...old.values()], seconds: (after.at - before.at) / 1000 };
}

function ThreadGroup({ group, compared, isOpen }) {
  const { threads, lines } = group;
  const top = lines.find((line) => !/^(syscall|libc|std::|core::|__|<?std)/.test(line)) ?? lines[0] ?? 'no stack';
  const [isShown, setIsShown] = useState(isOpen);
  useEffect(() => setIsShown(isOpen), [isOpen]);
  return html`<details class="group" open=${isShown} onToggle=${(event) => setIsShown(event.currentTarget.open)}>
    <summary><strong>${namesOf(threads)}</strong>
      <span class="top">${top}</span>
      ${compared && html`<span>${summaryOf(threads, compared)}</span>`}</summary>
    ${isShown && html`<${GroupBody} group=${group} compared=${compared} />`}
  </details>`;
}

// The names of a group, each once, and how many threads have them.
function namesOf(threads) {
  const names = [...new Set(threads.map((thread) => thread.name))];
  if (threads.length === 1) return names[0];
  return `${threads.length} threads: ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`;
}

function GroupBody({ group, compared }) {
  const { threads, lines } = group;
  return html`<ul class="threads">${threads.slice(0, MAX_NAMES).map((thread) => html`<${ThreadLine} key=${thread.tid} thread=${thread} change=${compared?.byTid.get(thread.tid)} seconds=${compared?.seconds} />`)}
      ${threads.length > MAX_NAMES && html`<li>and ${threads.length - MAX_NAMES} more</li>`}</ul>
    ${lines.length > 0 ? html`<pre tabindex="0" aria-label="Stack">${lines.join('\n')}</pre>` : html`<p class="note">${group.reason ?? 'No stack trace available'}</p>`}`;
}

function summaryOf(threads, { byTid, seconds }) {
  const cpu = threads.reduce((sum, thread) => sum + (byTid.get(thread.tid)?.cpu ?? 0), 0);
  const moved = threads.filter((thread) => byTid.get(thread.tid)?.what !== 'same').length;
  return `${((cpu / seconds) * 100).toFixed(1)}% CPU${moved ? `, ${moved} changed` : ''}`;
}

function ThreadLine({ thread, change, seconds }) {
  const facts = [`tid ${thread.tid}`, thread.state, thread.syscall && `in ${thread.syscall}`, `CPU ${formatDuration(thread.cpu_seconds)}`];
  if (change) facts.push(`${((change.cpu / seconds) * 100).toFixed(1)}% now`);
  if (thread.periodic) facts.push(`${thread.periodic.level} periodic thread, ${thread.periodic.state}`);
  return html`<li>${thread.name} <span class="facts">${facts.filter(Boolean).join(', ')}</span>
    ${change && change.what !== 'same' && html`<${Badge} kind="unknown">${change.what}<//>`}</li>`;
}

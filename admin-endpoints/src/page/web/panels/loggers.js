// Log levels: who logs at which level, and a change for a time.
import { html, useEffect, useMemo, useState } from '../vendor/preact_htm.js';
import { change, getJson } from '../api.js';
import { Badge, Choice, ConfirmButton, ErrorNote, Field, Note, RouteLink, SearchRow, formEvents } from '../controls.js';
import { formatDuration } from '../format.js';
import { useAction, useNow, usePolled } from '../polling.js';
import { has, place, useStore } from '../store.js';
import { VirtualList } from '../virtual_list.js';

const INTERVAL = 5000;
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARNING', 'ERROR', 'OFF'];
const LEASES = [['', 'until it is changed'], ['1m', '1 minute'], ['10m', '10 minutes'], ['1h', '1 hour'], ['1d', '1 day']];

export const loggersPanel = { id: 'loggers', title: 'Loggers', needs: ['GET', '/loglevel'], Panel: LoggersPanel };

// Both separators are the same.
const searchable = (name) => name.toLowerCase().replaceAll('.', '::');

function LoggersPanel() {
  // A link from the log names a logger.
  const { argument } = useStore(place);
  const [search, setSearch] = useState('');
  const [name, setName] = useState(argument);
  useEffect(() => argument && setName(argument), [argument]);
  const [level, setLevel] = useState('INFO');
  const [lease, setLease] = useState('10m');
  const query = [['format', 'json']];
  const { data, error, reload } = usePolled(async (signal) => {
    const answer = await getJson('/loglevel', { query, signal });
    const loggers = answer.loggers.map((logger) => ({ ...logger, searched: searchable(logger.name) }));
    return { loggers, at: Date.now() };
  }, INTERVAL);
  const action = useAction(async (method, parameters) => {
    const said = await change(method, '/loglevel', { query: parameters });
    reload();
    return said;
  });
  function set() {
    const parameters = [['logger_name', name], ['level', level]];
    if (lease) parameters.push(['ttl', lease]);
    action.run('PUT', parameters);
  }
  const clear = (logger) => action.run('DELETE', [['logger_name', logger]]);
  const end = (lease) => action.run('DELETE', [['lease', lease.id]]);
  function choose(logger) {
    setName(logger.name);
    setLevel(logger.effective);
  }
  const wanted = searchable(search);
  const loggers = useMemo(() => (data?.loggers ?? []).filter((it) => it.searched.includes(wanted)), [data, wanted]);
  const chosen = data?.loggers.find((it) => it.name === name);
  return html`<${ErrorNote} error=${error} />
    ${data && has('PUT', '/loglevel') && html`<form class="row" ...${formEvents()} aria-label="Set a level">
      <${Field} label="Logger" value=${name} onInput=${setName} size="36" hint="a::b, root, or a family such as a::b*" />
      <${Choice} label="Level" value=${level} onInput=${setLevel} options=${LEVELS.map((it) => [it, it])} />
      <${Choice} label="For" value=${lease} onInput=${setLease} options=${LEASES} />
      <${ConfirmButton} type="submit" effect="write" label="Set" request=${[name, level, lease].join()} disabled=${!name || action.isRunning} onConfirm=${set} />
      ${has('DELETE', '/loglevel') && html`<${ConfirmButton} effect="write" label="Clear" request=${name} disabled=${!name || action.isRunning} onConfirm=${() => clear(name)} />`}
    </form>`}
    ${chosen?.leases.length > 0 && html`<${Leases} logger=${chosen} at=${data.at} end=${end} isRunning=${action.isRunning} />`}
    <${ErrorNote} error=${action.error} /><${Note}>${action.message}<//>
    ${data && html`<${SearchRow} value=${search} onInput=${setSearch} found=${`${loggers.length} of ${data.loggers.length} loggers`}>
        <${RouteLink} path="/loglevel">as text<//><//>
      <${VirtualList} items=${loggers} label="Loggers" render=${(logger) => html`<${LoggerRow}
        key=${logger.name} logger=${logger} at=${data.at} choose=${choose} clear=${clear} isChosen=${logger.name === name} />`} />`}`;
}

function LoggerRow({ logger, at, choose, clear, isChosen }) {
  const isOwn = logger.configured !== 'NOTSET';
  return html`<div role="listitem" class=${isChosen ? 'logger chosen' : 'logger'}>
    <button type="button" class="name" aria-pressed=${isChosen} title=${`${logger.name}: choose it for a change`} onClick=${() => choose(logger)}>${logger.name}</button>
    <span class=${`level-text ${logger.effective}`} title="effective level">${logger.effective}</span>
    <span class="own">${isOwn ? `own: ${logger.configured}` : `from ${logger.parent ?? 'root'}`}</span>
    <span>${newestFirst(logger.leases).map((lease, place) => html`<${Lease} key=${lease.id} lease=${lease} at=${at} isInEffect=${place === 0} /> `)}
      ${logger.hidden && html`<${Badge} kind="unknown">hidden by another filter<//>`}</span>
    ${isOwn && has('DELETE', '/loglevel') ? html`<${ConfirmButton} effect="write" label="clear" of=${logger.name} small onConfirm=${() => clear(logger.name)} />` : html`<span></span>`}
  </div>`;
}

// Of several leases the last one that was set counts; when it ends, the one before it does.
const newestFirst = (leases) => [...leases].reverse();

function Leases({ logger, at, end, isRunning }) {
  return html`<ul class="leases" aria-label="Leases">${newestFirst(logger.leases).map((lease, place) => html`<li class="row" key=${lease.id}>
    <${Lease} lease=${lease} at=${at} isInEffect=${place === 0} />
    <span>${place === 0 ? 'in effect' : 'counts when those above have ended'}, until ${lease.ends}, by ${lease.by}</span>
    ${has('DELETE', '/loglevel') && html`<${ConfirmButton} effect="write" label="End" of=${`lease ${lease.id}`} small disabled=${isRunning} onConfirm=${() => end(lease)} />`}</li>`)}</ul>`;
}

function Lease({ lease, at, isInEffect }) {
  const now = useNow();
  const left = Math.max(0, lease.ends_in - (now - at) / 1000);
  return html`<${Badge} kind=${isInEffect ? 'lease' : 'unknown'} title=${`${isInEffect ? 'in effect' : 'a later lease counts'}, until ${lease.ends}, by ${lease.by}`}>${lease.level} for ${formatDuration(Math.round(left))}<//>`;
}

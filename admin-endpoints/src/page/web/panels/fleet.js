// The instances of the directory, with what each says of itself.
import { html, useState } from '../vendor/preact_htm.js';
import { getJson } from '../api.js';
import { Badge, ErrorNote, RouteLink, SearchRow, ShowMore, When, useLimit } from '../controls.js';
import { formatDuration, parseTime } from '../format.js';
import { usePolled } from '../polling.js';
import { index } from '../store.js';

const INTERVAL = 5000;
const STEP = 50;

export const fleetPanel = { id: 'fleet', title: 'Instances', needs: ['GET', '/fleet/health'], isShown: hasDirectory, Panel: FleetPanel };

// The route is linked into every program with the feature; one of them has a directory.
function hasDirectory() {
  const health = index.get().endpoints.find((it) => it.path === '/fleet/health');
  return health?.status?.directory === 'configured';
}

// What needs a look comes first.
const ORDER = { false: 0, null: 1, true: 2 };

async function load(signal) {
  const [health, list] = await Promise.all(['/fleet/health', '/fleet/instances'].map((path) => getJson(path, { signal })));
  const leases = new Map(list.instances.map((it) => [it.name, it]));
  const instances = health.instances.map((it) => withSearched({ ...leases.get(it.name), ...it }));
  instances.sort((a, b) => ORDER[a.ready] - ORDER[b.ready]);
  return { ...health, instances };
}

function FleetPanel() {
  const [search, setSearch] = useState('');
  const [limit, more] = useLimit(STEP, search);
  const { data, error } = usePolled(load, INTERVAL);
  if (!data) return error ? html`<${ErrorNote} error=${error} />` : html`<p>Asking all instances…</p>`;
  const wanted = search.toLowerCase();
  const found = data.instances.filter((it) => it.searched.includes(wanted));
  return html`<${ErrorNote} error=${error} />
    <${SearchRow} value=${search} onInput=${setSearch} found=${`${found.length} of ${data.instances.length} instances; ${data.ready} ready, ${data.not_ready} not ready, ${data.unreachable} unreachable${data.unknown ? `, ${data.unknown} unknown` : ''}`}>
      <${RouteLink} path="/fleet/targets">targets of Prometheus<//><//>
    <div class="scroll" tabindex="0" role="region" aria-label="All instances"><table>
      <thead><tr><th scope="col">Name</th><th scope="col">Address</th><th scope="col">Health</th><th scope="col">Periodic threads</th><th scope="col">Version</th><th scope="col">Up</th><th scope="col">Lease ends</th><th scope="col">Labels</th></tr></thead>
      <tbody>${found.slice(0, limit).map((it) => html`<${InstanceRow} key=${it.name} it=${it} />`)}</tbody>
    </table></div><${ShowMore} count=${found.length} limit=${limit} more=${more} />`;
}

// Everything that a row shows: `not ready`, a version or a reason finds it.
function withSearched(it) {
  const texts = [it.name, it.address, it.version, labelText(it), healthOf(it)[1], it.periodic_threads, reasonOf(it)];
  return { ...it, searched: texts.join(' ').toLowerCase() };
}

const reasonOf = (it) => [it.error, it.details].filter(Boolean).join('\n');

function labelText(it) {
  return Object.entries(it.labels ?? {}).map(([name, value]) => `${name}=${value}`).join(' ');
}

const HEALTH = { true: ['good', 'ready'], false: ['bad', 'not ready'] };

const healthOf = (it) => HEALTH[it.ready] ?? ['bad', it.reachable ? 'unknown' : 'unreachable'];

function InstanceRow({ it }) {
  const [kind, text] = healthOf(it);
  const threads = it.periodic_threads;
  const reason = reasonOf(it);
  return html`<tr aria-label=${it.name}>
    <th scope="row"><a href=${`${it.scheme ?? 'http'}://${it.address}/`} rel="noopener noreferrer" target="_blank">${it.name}</a></th>
    <td class="symbol">${it.address}</td>
    <td><${Badge} kind=${kind} title=${`answered after ${it.duration_ms} ms`}>${text}<//>${reason && html`<span class="said failed">${reason}</span>`}</td>
    <td>${threads ? html`<${Badge} kind=${threads === 'healthy' ? 'good' : 'bad'}>${threads}<//>` : '–'}</td>
    <td>${it.version ?? '–'}</td>
    <td>${formatDuration(it.uptime_seconds)}</td>
    <td><${When} time=${parseTime(it.expires)} /></td>
    <td class="symbol">${labelText(it)}</td>
  </tr>`;
}

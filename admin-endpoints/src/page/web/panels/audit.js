// The last requests that could change something.
import { html, useState } from '../vendor/preact_htm.js';
import { getJson } from '../api.js';
import { Badge, ErrorNote, RouteLink, SearchRow, ShowMore, When, useLimit } from '../controls.js';
import { parseTime } from '../format.js';
import { usePolled } from '../polling.js';

const INTERVAL = 10_000;
const STEP = 200;

export const auditPanel = { id: 'audit', title: 'Audit', needs: ['GET', '/audit'], Panel: AuditPanel };

function AuditPanel() {
  const [search, setSearch] = useState('');
  const [limit, more] = useLimit(STEP, search);
  const { data, error } = usePolled((signal) => getJson('/audit', { query: [['limit', '1024']], signal }), INTERVAL);
  const wanted = search.toLowerCase();
  const entries = (data?.entries ?? []).filter((it) => `${it.who} ${it.what} ${it.effect} ${it.status} ${it.before} ${it.after}`.toLowerCase().includes(wanted));
  return html`<${ErrorNote} error=${error} />
    <${SearchRow} value=${search} onInput=${setSearch} found=${`${entries.length} of ${data?.entries.length ?? 0} entries`}>
      <${RouteLink} path="/audit">as JSON<//><//>
    ${data && html`<div class="scroll" tabindex="0" role="region" aria-label="Audit entries"><table>
      <thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th><th scope="col">Effect</th><th scope="col">Status</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
      <tbody>${entries.slice(0, limit).map((it) => html`<tr key=${it.request_id}><td><${When} time=${parseTime(it.time)} /></td><td>${it.who}</td><td class="symbol">${it.what}</td>
        <td><${Badge} kind=${it.effect}>${it.effect}<//></td><td><${Badge} kind=${it.status && it.status < 400 ? 'good' : 'bad'}>${it.status ?? 'abandoned'}<//></td>
        <td class="symbol">${it.before ?? '–'}</td><td class="symbol">${it.after ?? '–'}</td></tr>`)}</tbody>
    </table></div><${ShowMore} count=${entries.length} limit=${limit} more=${more} />`}`;
}

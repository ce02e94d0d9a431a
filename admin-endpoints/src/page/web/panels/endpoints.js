// All endpoints that are linked, by crate.
import { html, useMemo, useState } from '../vendor/preact_htm.js';
import { Search } from '../controls.js';
import { index, place, useStore } from '../store.js';
import { EndpointForm } from './endpoint_form.js';

export const endpointsPanel = { id: 'endpoints', title: 'Endpoints', needs: ['GET', '/'], Panel: EndpointsPanel };

function EndpointsPanel() {
  const known = useStore(index);
  const { argument } = useStore(place);
  const [search, setSearch] = useState('');
  const endpoints = known?.endpoints ?? [];
  const wanted = search.toLowerCase().split(/\s+/).filter(Boolean);
  const crates = useMemo(() => byCrate(endpoints, wanted), [endpoints, search]);
  const chosen = endpoints.find((it) => nameOf(it) === argument) ?? endpoints.find((it) => it.method === 'GET' && matches(it.path, argument));
  // A link that is the same as before is not compared again.
  const links = useMemo(() => new Map(endpoints.map((it) => [it, linkOf(it, false)])), [endpoints]);
  const count = [...crates.values()].reduce((sum, list) => sum + list.length, 0);
  return html`<p class="row"><${Search} label="Search" value=${search} onInput=${setSearch} />
      <span role="status">${count} of ${endpoints.length} endpoints</span></p>
    <div class="split">
      <nav class="endpoints" aria-label="Endpoints">
        ${[...crates].map(([crate, list]) => html`<div key=${crate}><h3>${crate}</h3><ul>
          ${list.map((it) => (it === chosen ? linkOf(it, true) : links.get(it)))}
        </ul></div>`)}
      </nav>
      ${chosen && html`<${EndpointForm} key=${nameOf(chosen)} endpoint=${chosen} />`}
    </div>`;
}

const nameOf = (endpoint) => `${endpoint.method} ${endpoint.path}`;

// A link to a route has its parameters filled in.
function matches(pattern, argument) {
  const path = argument.replace(/^GET /, '').split('/');
  const segments = pattern.split('/');
  return path.length === segments.length && segments.every((it, at) => it === path[at] || (it.startsWith('{') && path[at] !== ''));
}

function byCrate(endpoints, wanted) {
  const crates = new Map();
  for (const endpoint of endpoints) {
    const text = `${nameOf(endpoint)} ${endpoint.summary} ${endpoint.crate}`.toLowerCase();
    if (!wanted.every((word) => text.includes(word))) continue;
    const list = crates.get(endpoint.crate) ?? [];
    list.push(endpoint);
    crates.set(endpoint.crate, list);
  }
  // Those of the program first, the common ones last.
  const rank = (crate) => (crate.startsWith('admin_') ? 1 : 0);
  return new Map([...crates].sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1)));
}

function linkOf(endpoint, isChosen) {
  const name = nameOf(endpoint);
  return html`<li key=${name}><a href=${`#endpoints/${encodeURIComponent(name)}`} aria-current=${isChosen ? 'true' : undefined}><code><span class="method">${endpoint.method}</span> ${endpoint.path}</code></a>
    ${endpoint.effect !== 'read' && html` <span class=${`badge ${endpoint.effect}`}>${endpoint.effect}</span>`}
    ${endpoint.sensitive && html` <span class="badge unknown">sensitive</span>`} <span class="summary">${endpoint.summary}</span></li>`;
}

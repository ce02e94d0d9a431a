// All endpoints that are linked, by crate.
import { html, useMemo, useState } from '../vendor/preact_htm.js';
import { SearchRow, ShowMore, Summary, useLimit } from '../controls.js';
import { goTo, index, place, useStore } from '../store.js';
import { EndpointForm } from './endpoint_form.js';

const STEP = 100;

export const endpointsPanel = { id: 'endpoints', title: 'Endpoints', needs: ['GET', '/'], Panel: EndpointsPanel };

function EndpointsPanel() {
  const known = useStore(index);
  const { argument } = useStore(place);
  const [search, setSearch] = useState('');
  const [limit, more] = useLimit(STEP, search);
  const endpoints = known?.endpoints ?? [];
  const wanted = search.toLowerCase().split(/\s+/).filter(Boolean);
  const crates = useMemo(() => byCrate(endpoints, wanted), [endpoints, search]);
  const chosen = useMemo(() => linked(endpoints, argument), [endpoints, argument]);
  // A link that is the same as before is not compared again.
  const links = useMemo(() => new Map(), [endpoints]);
  function keptLink(it) {
    if (!links.has(it)) links.set(it, linkOf(it, false));
    return links.get(it);
  }
  const count = [...crates.values()].reduce((sum, list) => sum + list.length, 0);
  function openFirst() {
    const [first] = [...crates.values()];
    if (wanted.length > 0 && first) goTo('endpoints', nameOf(first[0]));
  }
  return html`<${SearchRow} value=${search} onInput=${setSearch} onEnter=${openFirst} found=${`${count} of ${endpoints.length} endpoints`} />
    <div class="split">
      <nav class="endpoints" aria-label="Endpoints">
        ${firstOf(crates, limit).map(([crate, list]) => html`<div key=${crate}><h3>${crate}</h3><ul>
          ${list.map((it) => (it === chosen?.endpoint ? linkOf(it, true) : keptLink(it)))}
        </ul></div>`)}
        <${ShowMore} count=${count} limit=${limit} more=${more} />
      </nav>
      ${chosen && html`<${EndpointForm} key=${argument} endpoint=${chosen.endpoint} values=${chosen.values} />`}
    </div>`;
}

function firstOf(crates, limit) {
  const shown = [];
  for (const [crate, list] of crates) {
    if (limit <= 0) break;
    shown.push([crate, list.slice(0, limit)]);
    limit -= list.length;
  }
  return shown;
}

const nameOf = (endpoint) => `${endpoint.method} ${endpoint.path}`;

// The endpoint that a link names, by its path or by a path with values for the parameters.
function linked(endpoints, argument) {
  const exact = endpoints.find((it) => nameOf(it) === argument);
  if (exact) return { endpoint: exact, values: {} };
  const [path, query] = argument.replace(/^GET /, '').split('?', 2);
  const isLiteral = (it) => Number(it.path === path);
  for (const endpoint of [...endpoints].sort((a, b) => isLiteral(b) - isLiteral(a))) {
    const inPath = endpoint.method === 'GET' && pathValues(endpoint.path, path);
    if (inPath) return { endpoint, values: { ...inPath, ...queryValues(endpoint, query) } };
  }
  return null;
}

function pathValues(pattern, path) {
  const given = path.split('/');
  const segments = pattern.split('/');
  if (given.length !== segments.length) return null;
  const values = {};
  for (const [at, segment] of segments.entries()) {
    if (segment.startsWith('{') && given[at] !== '') values[segment.slice(1, -1)] = decoded(given[at]);
    else if (segment !== given[at]) return null;
  }
  return values;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // it is not encoded
  }
}

// As the form has them: values of a list one a line.
function queryValues(endpoint, query) {
  const given = new URLSearchParams(query);
  return Object.fromEntries(endpoint.parameters.filter(({ name }) => given.has(name)).map(({ name }) => [name, given.getAll(name).join('\n')]));
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
    ${endpoint.sensitive && html` <span class="badge unknown">sensitive</span>`} <span class="summary"><${Summary} text=${endpoint.summary} /></span></li>`;
}

// Which process this is, and whether it is alive and ready.
import { html, useEffect, useRef } from './vendor/preact_htm.js';
import { getJson, reconnect } from './api.js';
import { Badge, ErrorNote, RouteLink, When } from './controls.js';
import { formatDuration, parseTime } from './format.js';
import { useServerNow, usePolled } from './polling.js';
import { has, index, useStore } from './store.js';

// Without it a failed check is a failed request, which the console shows as an error.
const REPORT = [['report', 'true']];
const PROBE_INTERVAL = 6000;
const BUILD_INTERVAL = 10_000;

export function Header() {
  const known = useStore(index);
  const build = usePolled((signal) => (has('GET', '/build') ? getJson('/build', { signal }) : null), BUILD_INTERVAL, [known !== null]);
  const { name, version, build_id: buildId, started, hostname, pid } = build.data ?? {};
  // Another process may have taken the address between two requests.
  const process = build.data ? `${pid} ${started}` : null;
  const before = useRef(null);
  useEffect(() => {
    if (process === null) return;
    if (before.current !== null && before.current !== process) reconnect();
    before.current = process;
  }, [process]);
  const title = name ?? known?.server ?? 'Admin';
  return html`<header>
    <h1>${title}</h1>
    ${known?.server && known.server !== title && html`<span>server <strong>${known.server}</strong></span>`}
    ${build.data && html`<span>version <${RouteLink} path="/build">${version ?? 'unknown'}<//></span>
      ${buildId && html`<span>build <${RouteLink} path="/build"><code>${buildId.slice(0, 12)}</code><//></span>`}
      <${Uptime} started=${parseTime(started)} />
      <span>${hostname} · pid ${pid}</span>`}
    ${has('GET', '/livez') && html`<${Probe} path="/livez" name="live" key="live" />`}
    ${has('GET', '/readyz') && html`<${Probe} path="/readyz" name="ready" key="ready" />`}
    ${has('GET', '/openapi.json') && html`<${RouteLink} path="/openapi.json">OpenAPI<//>`}
    ${build.error && html`<${ErrorNote} error=${build.error} />`}
  </header>`;
}

function Uptime({ started }) {
  const now = useServerNow();
  if (!started) return null;
  return html`<span>up <time datetime=${started.toISOString()} title=${`since ${started.toISOString()}`}>${formatDuration((now - started) / 1000)}</time></span>`;
}

function Probe({ path, name }) {
  const { data, error } = usePolled((signal) => getJson(path, { query: REPORT, signal }), PROBE_INTERVAL);
  if (error) return html`<span>${name}: <${Badge} kind="unknown" title=${error.message}>unknown${error.status ? ` (${error.status})` : ''}<//></span>`;
  if (!data) return null;
  const failing = data.checks.filter((check) => check.status === 'failed');
  const isOk = data.status === 'ok';
  return html`<span class="probe" id=${`probe-${name}`}>
      <${RouteLink} path=${path} query=${[['verbose', 'true']]}><${Badge} kind=${isOk ? 'good' : 'bad'}>${isOk ? name : `not ${name}`}<//><//>
    </span>
    ${failing.length > 0 && html`<div class="failing" role="alert"><ul>
      ${failing.map((check) => html`<li key=${check.name}><${RouteLink} path=${`${path}/${encodeURIComponent(check.name)}`}>${check.name}<//>: ${check.message}</li>`)}
    </ul></div>`}`;
}

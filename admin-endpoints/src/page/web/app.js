// The page: what is linked decides which panels there are.
import { html, render, useEffect, useMemo, useState } from './vendor/preact_htm.js';
import { getJson, send, setToken, token } from './api.js';
import { ErrorNote, When } from './controls.js';
import { Header } from './header.js';
import { KeysDialog, useKeys } from './keyboard.js';
import { usePolled } from './polling.js';
import { connection, goTo, has, index, place, recall, remember, unauthorized, useStore } from './store.js';
import { fleetPanel } from './panels/fleet.js';
import { periodicPanel } from './panels/periodic.js';
import { loggersPanel } from './panels/loggers.js';
import { logPanel } from './panels/log.js';
import { threadsPanel } from './panels/threads.js';
import { profilePanel } from './panels/profile.js';
import { MetricsSampler, metricsPanel } from './panels/metrics.js';
import { scriptsPanel } from './panels/scripts.js';
import { endpointsPanel } from './panels/endpoints.js';
import { auditPanel } from './panels/audit.js';

const PANELS = [fleetPanel, periodicPanel, loggersPanel, logPanel, threadsPanel, profilePanel, metricsPanel, scriptsPanel, endpointsPanel, auditPanel];
const RETRY = 2000;
const INDEX_INTERVAL = 60_000;
const THEMES = { '': 'light dark', light: 'light', dark: 'dark' };

function App() {
  const message = useStore(unauthorized);
  const known = useStore(index);
  const loaded = usePolled(async (signal) => {
    const answer = await getJson('/', { signal });
    index.set(answer);
    return answer;
  }, INDEX_INTERVAL);
  if (message !== null) return html`<${TokenPrompt} message=${message} />`;
  return html`<${ConnectionNote} />
    ${known ? html`<${Content} />` : html`<main><h1>Admin</h1>${loaded.error ? html`<${ErrorNote} error=${loaded.error} />` : html`<p>Loading…</p>`}</main>`}`;
}

function Content() {
  const known = useStore(index);
  const { panel: wanted } = useStore(place);
  const [isHelp, setIsHelp] = useState(false);
  const panels = useMemo(() => PANELS.filter(({ needs: [method, path], isShown }) => has(method, path) && (isShown?.() ?? true)), [known]);
  useKeys({ panels, choose: goTo, toggleHelp: () => setIsHelp((before) => !before) });
  const panel = panels.find((it) => it.id === wanted) ?? panels[0];
  useEffect(() => {
    document.querySelector('nav.panels [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    document.title = panel ? `${panel.title} · ${known.server ?? 'Admin'}` : 'Admin';
  }, [panel, known]);
  const isBlocked = known.user_runtime?.blocked;
  return html`<a class="skip" href="#content" onClick=${(event) => { event.preventDefault(); document.getElementById('content').focus(); }}>To the content</a>
    <${Header} />
    ${isBlocked && html`<p class="note error" role="alert">Async handlers block the user runtime.</p>`}
    <nav class="panels" aria-label="Panels">${panels.map((it, at) => html`<a key=${it.id} href=${`#${it.id}`} aria-current=${it === panel ? 'page' : undefined}
      title=${`key ${(at + 1) % 10}`}>${it.title}</a>`)}
      <span class="grow"></span><${Theme} />
      <button type="button" onClick=${() => setIsHelp(true)} aria-label="Keys">?</button>
      ${token() && html`<button type="button" onClick=${() => { setToken(null); location.reload(); }}>Forget the token</button>`}</nav>
    <main id="content" tabindex="-1" class=${`panel-${panel?.id}`}>${panel && html`<h2>${panel.title}</h2><${panel.Panel} key=${panel.id} />`}</main>
    ${has('GET', '/metrics') && html`<${MetricsSampler} />`}
    <${KeysDialog} isOpen=${isHelp} close=${() => setIsHelp(false)} />`;
}

// Shown until a request is answered again; without requests of panels this one finds out.
function ConnectionNote() {
  const { isLost, since } = useStore(connection);
  useEffect(() => {
    if (!isLost) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) send('HEAD', '/', { signal: AbortSignal.timeout(RETRY) }).catch(() => {});
    }, RETRY);
    return () => clearInterval(timer);
  }, [isLost]);
  if (!isLost) return null;
  return html`<p class="lost" role="alert">The server does not answer since <${When} time=${since} />. What is shown is older. Trying again…</p>`;
}

function TokenPrompt({ message }) {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState('');
  function use(event) {
    event.preventDefault();
    // Others cannot be sent in a header.
    if (/^[\x21-\x7e]+$/.test(text.trim())) setToken(text.trim());
    else setProblem('A token has letters, digits and signs of ASCII, without spaces.');
  }
  return html`<main class="token"><h1>Admin</h1>
    <p class="said" role="alert">${message}</p>
    <form onSubmit=${use}>
      <label><span>Token</span><input type="password" value=${text} autocomplete="off" onInput=${(event) => setText(event.target.value)} /></label>
      <button disabled=${!text.trim()}>Use it</button>
    </form>
    ${problem && html`<p class="note error" role="alert">${problem}</p>`}
    <p class="facts">It is kept in this tab until the tab is closed, and sent to this server only.</p></main>`;
}

function Theme() {
  const [theme, setTheme] = useState(recall(localStorage, 'theme') ?? '');
  useEffect(() => {
    document.documentElement.style.colorScheme = THEMES[theme] ?? THEMES[''];
    remember(localStorage, 'theme', theme || null);
  }, [theme]);
  return html`<label class="theme"><span class="hidden">Theme</span><select value=${theme} onChange=${(event) => setTheme(event.target.value)}>
    <option value="">system</option><option value="light">light</option><option value="dark">dark</option></select></label>`;
}

render(html`<${App} />`, document.getElementById('app'));

// Profiles: where the processors and the time go.
import { html, useEffect, useMemo, useRef, useState } from '../vendor/preact_htm.js';
import { getBlob, getText, save } from '../api.js';
import { Choice, ErrorNote, Field, Search } from '../controls.js';
import { FlameGraph } from '../flame_graph.js';
import { functionsOf, parseCollapsed } from '../parse_stacks.js';
import { useNow } from '../polling.js';
import { has } from '../store.js';

const CPU = '/debug/pprof/profile';
const WALL = '/debug/fgprof';
const SHOWN_FUNCTIONS = 25;

export const profilePanel = { id: 'profile', title: 'Profile', needs: ['GET', CPU], Panel: ProfilePanel };

function ProfilePanel() {
  const [path, setPath] = useState(CPU);
  const [seconds, setSeconds] = useState('5');
  const [name, setName] = useState('');
  const [state, setState] = useState('all');
  const [search, setSearch] = useState('');
  const [run, setRun] = useState({ isRunning: false, tree: null, error: null, what: '' });
  const abort = useRef(null);
  useEffect(() => () => abort.current?.abort(), []);

  function query(format) {
    const parameters = [['seconds', seconds], ['format', format]];
    if (name) parameters.push(['name', name]);
    if (path === WALL && state !== 'all') parameters.push(['state', state]);
    return parameters;
  }

  async function begin(format, use) {
    abort.current = new AbortController();
    setRun((before) => ({ ...before, isRunning: true, error: null, started: Date.now(), seconds: Number(seconds) }));
    try {
      await use({ query: query(format), signal: abort.current.signal });
      setRun((before) => ({ ...before, isRunning: false }));
    } catch (error) {
      setRun((before) => ({ ...before, isRunning: false, error: error.name === 'AbortError' ? null : error }));
    }
  }

  function show(event) {
    event.preventDefault();
    const what = `${path === CPU ? 'CPU' : 'Wall clock'}, ${seconds} s${name ? `, threads with '${name}'` : ''}`;
    begin('collapsed', async (options) => {
      const tree = parseCollapsed(await getText(path, options));
      setRun((before) => ({ ...before, tree, what }));
    });
  }

  const download = () => begin('pprof', async (options) => save(await getBlob(path, options), 'profile.pb.gz'));
  const { tree, isRunning } = run;
  return html`<form class="row" onSubmit=${show} aria-label="Profile">
      ${has('GET', WALL) && html`<${Choice} label="Of" value=${path} onInput=${setPath} options=${[[CPU, 'CPU'], [WALL, 'wall clock']]} />`}
      <${Field} label="Seconds" type="number" value=${seconds} onInput=${setSeconds} size="4" hint="1 to 300" />
      <${Field} label="Threads" value=${name} onInput=${setName} size="14" hint="a part of the name; all without one" />
      ${path === WALL && html`<${Choice} label="State" value=${state} onInput=${setState} options=${[['all', 'all'], ['waiting', 'waiting'], ['running', 'running']]} />`}
      <button disabled=${isRunning}>Profile</button>
      <button type="button" disabled=${isRunning} onClick=${download} title="takes another profile of the same length, for go tool pprof">Download for pprof</button>
      ${isRunning && html`<${Progress} run=${run} /><button type="button" onClick=${() => abort.current.abort()}>Cancel</button>`}
    </form>
    <${ErrorNote} error=${run.error} />
    ${tree && html`<p class="row"><${Search} label="Search" value=${search} onInput=${setSearch} />
        <span role="status">${run.what}: ${tree.value} samples</span></p>
      ${tree.value > 0 ? html`<${FlameGraph} tree=${tree} search=${search} /><${Functions} tree=${tree} search=${search} />`
        : html`<p class="note">No samples: nothing ran in this time.</p>`}`}`;
}

function Progress({ run }) {
  const now = useNow();
  const done = Math.min(run.seconds, (now - run.started) / 1000);
  return html`<progress max=${run.seconds} value=${done} aria-label="Progress"></progress>`;
}

function Functions({ tree, search }) {
  const all = useMemo(() => functionsOf(tree), [tree]);
  const wanted = search.toLowerCase();
  const shown = all.filter((it) => it.name.toLowerCase().includes(wanted)).slice(0, SHOWN_FUNCTIONS);
  const share = (value) => `${((value / tree.value) * 100).toFixed(1)}%`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Functions"><table><caption>Functions by their own samples</caption>
    <thead><tr><th scope="col">Self</th><th scope="col">Total</th><th scope="col">Function</th></tr></thead>
    <tbody>${shown.map((it) => html`<tr key=${it.name}><td>${share(it.self)}</td><td>${share(it.total)}</td><td class="symbol">${it.name}</td></tr>`)}</tbody>
  </table></div>`;
}

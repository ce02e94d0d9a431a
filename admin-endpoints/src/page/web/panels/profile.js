// Profiles: where the processors and the time go.
import { html, useMemo, useState } from '../vendor/preact_htm.js';
import { getBlob, getText, save } from '../api.js';
import { Choice, ErrorNote, Field, SearchRow, When, formEvents } from '../controls.js';
import { FlameGraph } from '../flame_graph.js';
import { functionsOf, parseCollapsed } from '../parse_stacks.js';
import { useNow } from '../polling.js';
import { clock, createStore, has, useStore } from '../store.js';

const CPU = '/debug/pprof/profile';
const WALL = '/debug/fgprof';
const SHOWN_FUNCTIONS = 25;

export const profilePanel = { id: 'profile', title: 'Profile', needs: ['GET', CPU], Panel: ProfilePanel };

// The last profile, which stays while other panels are shown; one that runs goes on.
const last = createStore({ isRunning: false, tree: null, error: null, what: '' });
let abort = null;
const update = (change) => last.set({ ...last.get(), ...change });

async function begin(seconds, use) {
  abort = new AbortController();
  update({ isRunning: true, error: null, started: Date.now(), seconds });
  try {
    await use(abort.signal);
    update({ isRunning: false });
  } catch (error) {
    update({ isRunning: false, error: error.name === 'AbortError' ? null : error });
  }
}

function ProfilePanel() {
  const [path, setPath] = useState(CPU);
  const [seconds, setSeconds] = useState('5');
  const [name, setName] = useState('');
  const [state, setState] = useState('all');
  const [search, setSearch] = useState('');
  const run = useStore(last);

  function query(format) {
    const parameters = [['seconds', seconds], ['format', format]];
    if (name) parameters.push(['name', name]);
    if (path === WALL && state !== 'all') parameters.push(['state', state]);
    return parameters;
  }

  function show() {
    const what = `${path === CPU ? 'CPU' : 'Wall clock'}, ${seconds} s${path === WALL && state !== 'all' ? `, ${state}` : ''}${name ? `, threads with '${name}'` : ''}`;
    begin(Number(seconds), async (signal) => {
      const tree = parseCollapsed(await getText(path, { query: query('collapsed'), signal }));
      update({ tree, what, at: new Date(Date.now() + clock.get()) });
    });
  }

  const download = () => begin(Number(seconds), async (signal) => save(await getBlob(path, { query: query('pprof'), signal }), 'profile.pb.gz'));
  const { tree, isRunning } = run;
  return html`<form class="row" ...${formEvents(show)} aria-label="Profile">
      ${has('GET', WALL) && html`<${Choice} label="Of" value=${path} onInput=${setPath} options=${[[CPU, 'CPU'], [WALL, 'wall clock']]} />`}
      <${Field} label="Seconds" type="number" value=${seconds} onInput=${setSeconds} size="4" hint="1 to 300" />
      <${Field} label="Threads" value=${name} onInput=${setName} size="14" hint="a part of the name; all without one" />
      ${path === WALL && html`<${Choice} label="State" value=${state} onInput=${setState} options=${[['all', 'all'], ['waiting', 'waiting'], ['running', 'running']]} />`}
      <button disabled=${isRunning}>Profile</button>
      <button type="button" disabled=${isRunning} onClick=${download} title="takes another profile of the same length, for go tool pprof">Download for pprof</button>
      ${isRunning && html`<${Progress} run=${run} /><button type="button" onClick=${() => abort.abort()}>Cancel</button>`}
    </form>
    <${ErrorNote} error=${run.error} />
    ${tree && html`<${SearchRow} value=${search} onInput=${setSearch} found=${`${run.what}: ${tree.value} samples`}>
        <span class="facts">taken <${When} time=${run.at} /></span><//>
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

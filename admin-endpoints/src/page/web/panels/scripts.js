// Scripts against the live process.
import { html, useEffect, useRef, useState } from '../vendor/preact_htm.js';
import { change } from '../api.js';
import { Badge, ErrorNote, RouteLink, When } from '../controls.js';
import { useAction } from '../polling.js';
import { clock, has, recall, remember } from '../store.js';

const KEY = 'scripts';
const DRAFT = 'script';
const KEPT = 10;

export const scriptsPanel = { id: 'scripts', title: 'Scripts', needs: ['POST', '/run_script'], Panel: ScriptsPanel };

// The last scripts, which only this browser has.
function kept() {
  try {
    const scripts = JSON.parse(recall(localStorage, KEY) ?? '[]');
    return Array.isArray(scripts) ? scripts : [];
  } catch {
    return [];
  }
}

function keep(text) {
  const others = kept().filter((it) => it.text !== text);
  const scripts = [{ text, at: Date.now() + clock.get() }, ...others].slice(0, KEPT);
  remember(localStorage, KEY, JSON.stringify(scripts));
  return scripts;
}

function ScriptsPanel() {
  const [scripts, setScripts] = useState(kept);
  const [text, setText] = useState(recall(sessionStorage, DRAFT) ?? scripts[0]?.text ?? 'result = 1 + 1\n');
  useEffect(() => remember(sessionStorage, DRAFT, text), [text]);
  const [output, setOutput] = useState(null);
  const action = useAction(async () => {
    setScripts(keep(text));
    const body = new FormData();
    body.append('script', new Blob([text], { type: 'text/x-python' }), 'script.py');
    const started = performance.now();
    setOutput(null);
    const answer = await change('POST', '/run_script', { query: [['output', 'true']], body });
    setOutput({ answer, milliseconds: performance.now() - started });
  });
  function onKey(event) {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (!action.isRunning) action.run();
    }
  }
  function forget() {
    remember(localStorage, KEY, null);
    setScripts([]);
  }
  return html`<div class="row"><button type="button" class="dangerous" onClick=${() => action.run()} disabled=${action.isRunning}>${action.isRunning ? 'Running…' : 'Run'}</button>
      <span>Ctrl+Enter runs</span> <${Badge} kind="dangerous">dangerous<//>
      ${has('GET', '/run_script/sandbox') && html`<${RouteLink} path="/run_script/sandbox">limits of the sandbox<//>`}</div>
    <${Editor} text=${text} onInput=${setText} onKey=${onKey} />
    <${ErrorNote} error=${action.error} />
    ${output && html`<h3>Output <span class="facts">${output.milliseconds.toFixed(0)} ms</span></h3><pre class="output" tabindex="0" aria-label="Output">${output.answer}</pre>`}
    ${scripts.length > 0 && html`<h3>Last scripts</h3><ul class="scripts">
      ${scripts.map((script) => html`<li key=${script.at}><button type="button" class="name" onClick=${() => setText(script.text)}>${script.text.trim().split('\n').find((line) => line.trim()) ?? '(empty)'}</button> <${When} time=${new Date(script.at)} /></li>`)}
    </ul><p><button type="button" onClick=${forget}>Forget them</button> <span class="facts">They are kept in this browser only.</span></p>`}`;
}

function Editor({ text, onInput, onKey }) {
  const gutter = useRef();
  const lines = text.split('\n').length;
  const numbers = Array.from({ length: lines }, (_, at) => at + 1).join('\n');
  return html`<div class="editor">
    <pre ref=${gutter} aria-hidden="true">${numbers}</pre>
    <textarea aria-label="Script" spellcheck="false" wrap="off" rows="12" value=${text} onKeyDown=${onKey}
      onInput=${(event) => onInput(event.target.value)}
      onScroll=${(event) => { gutter.current.scrollTop = event.target.scrollTop; }}></textarea>
  </div>`;
}

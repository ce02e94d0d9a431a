// One endpoint: a form of its parameters, the request as a curl line, and the answer.
import { html, useEffect, useRef, useState } from '../vendor/preact_htm.js';
import { address, save, send, token } from '../api.js';
import { Badge, ConfirmButton, ErrorNote, Summary, formEvents } from '../controls.js';
import { formatBytes, shellQuoted } from '../format.js';

const SHOWN_CHARACTERS = 200_000;
const EFFECTS = ['read', 'write', 'dangerous'];

export function EndpointForm({ endpoint, values: given }) {
  const [values, setValues] = useState(given);
  const [reply, setReply] = useState({ isRunning: false });
  const abort = useRef(null);
  useEffect(() => () => abort.current?.abort(), []);
  const request = requestOf(endpoint, values);
  const effect = effectOf(endpoint, request.query);
  const curl = curlLine(endpoint, request);

  async function run() {
    abort.current = new AbortController();
    setReply({ isRunning: true });
    const asked = curl;
    const started = performance.now();
    try {
      const { signal } = abort.current;
      const response = await send(endpoint.method, request.path, { ...request, signal });
      const type = response.headers.get('content-type') ?? '';
      const isText = /^(text\/|application\/(json|x-ndjson|.*\+json)|image\/svg)/.test(type) || type === '';
      const facts = { asked, status: response.status, statusText: response.statusText, type, id: response.headers.get('x-request-id') };
      const onText = (text) => setReply({ ...facts, text, isRunning: true });
      if (isText) {
        const text = await readText(response, onText);
        setReply({ ...facts, text, milliseconds: performance.now() - started, isRunning: false });
      } else {
        const blob = await response.blob();
        setReply({ ...facts, blob, milliseconds: performance.now() - started, isRunning: false });
      }
    } catch (error) {
      const cancelled = error.name === 'AbortError';
      setReply((before) => ({ ...before, isRunning: false, error: cancelled ? null : error }));
    }
  }

  return html`<section class="card detail" aria-label=${`${endpoint.method} ${endpoint.path}`}>
    <h3><code>${endpoint.method} ${endpoint.path}</code> <${Badge} kind=${effect}>${effect}<//>
      ${endpoint.sensitive && html`<${Badge} kind="unknown">sensitive<//>`}</h3>
    <p><${Summary} text=${endpoint.summary} /></p>
    ${(endpoint.effect_if ?? []).map(([query, raised]) => html`<p key=${query}>With <code>${query}</code> it is <${Badge} kind=${raised}>${raised}<//></p>`)}
    ${endpoint.status && html`<dl>${Object.entries(endpoint.status).map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${String(value)}</dd></div>`)}</dl>`}
    <form ...${formEvents()}>
      ${endpoint.parameters.map((parameter) => html`<${ParameterField} key=${`${endpoint.path} ${parameter.name}`} parameter=${parameter}
        value=${values[parameter.name] ?? ''} onInput=${(value) => setValues((before) => ({ ...before, [parameter.name]: value }))} />`)}
      <p class="row">
        <${ConfirmButton} type="submit" effect=${effect} label=${`Send ${endpoint.method} ${request.path}`} request=${curl} disabled=${reply.isRunning || request.missing.length > 0} onConfirm=${run} />
        ${reply.isRunning && html`<button type="button" onClick=${() => abort.current.abort()}>Cancel</button>`}
        ${request.missing.length > 0 && html`<span>needs ${request.missing.join(', ')}</span>`}
      </p>
    </form>
    <pre class="curl" tabindex="0" aria-label="The request as a curl line">${curl}</pre>
    <p class="facts">crate ${endpoint.crate}, ${endpoint.source}</p>
    <${Reply} reply=${reply} endpoint=${endpoint} curl=${curl} />
  </section>`;
}

async function readText(response, onText) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (reader && text.length <= SHOWN_CHARACTERS) {
    const { value, done } = await reader.read();
    if (done) return text;
    text += value;
    onText(text);
  }
  await reader?.cancel();
  return text;
}

function Reply({ reply, endpoint, curl }) {
  if (reply.error) return html`<${ErrorNote} error=${reply.error} />`;
  if (!reply.status) return null;
  const isOk = reply.status < 400;
  const isCut = (reply.text?.length ?? 0) > SHOWN_CHARACTERS;
  const name = endpoint.path.split('/').filter(Boolean).pop() ?? 'answer';
  return html`<h3>Answer <${Badge} kind=${isOk ? 'good' : 'bad'}>${reply.status} ${reply.statusText}<//>
      <span class="facts">${reply.type} ${reply.milliseconds !== undefined && `${reply.milliseconds.toFixed(0)} ms`} ${reply.id && `request ${reply.id}`}</span></h3>
    ${reply.asked !== curl && html`<p class="note">To an earlier request: <code>${reply.asked}</code></p>`}
    ${reply.blob ? html`<p><button type="button" onClick=${() => save(reply.blob, name)}>Save ${formatBytes(reply.blob.size)}</button></p>`
      : html`<pre class="output" tabindex="0" aria-label="Answer">${reply.text?.slice(0, SHOWN_CHARACTERS)}</pre>`}
    ${isCut && html`<p class="note">Cut here: curl shows all of it.</p>`}`;
}

// Path, query, body and what is missing.
function requestOf(endpoint, values) {
  let path = endpoint.path;
  const query = [];
  const missing = [];
  let body;
  const headers = {};
  for (const parameter of endpoint.parameters) {
    const value = values[parameter.name] ?? '';
    if (parameter.required && value === '') missing.push(parameter.name);
    if (parameter.in === 'path') {
      // A browser takes these for folders of the path.
      if (value === '.' || value === '..') missing.push(`${parameter.name} other than ${value}`);
      else if (value !== '') path = path.replace(`{${parameter.name}}`, () => encodeURIComponent(value));
    } else if (parameter.in === 'query') {
      const all = parameter.type.endsWith('[]') ? value.split('\n') : [value];
      for (const one of all) if (one !== '') query.push([parameter.name, one]);
    } else if (value !== '') {
      if (parameter.type.startsWith('multipart/')) {
        body = new FormData();
        body.append(parameter.name, value instanceof File ? value : new Blob([value]), value.name ?? 'input.txt');
      } else {
        body = value;
        headers['Content-Type'] = parameter.type;
      }
    }
  }
  return { path, query, body, headers, missing };
}

function effectOf(endpoint, query) {
  const raised = (endpoint.effect_if ?? []).filter(([name]) => query.some(([given]) => given === name)).map(([, effect]) => effect);
  return [endpoint.effect, ...raised].sort((a, b) => EFFECTS.indexOf(b) - EFFECTS.indexOf(a))[0];
}

function curlLine(endpoint, { path, query, body, headers }) {
  const parts = ['curl'];
  if (endpoint.method !== 'GET') parts.push('-X', endpoint.method);
  if (token()) parts.push('-H', '"Authorization: Bearer $TOKEN"');
  if (body instanceof FormData) for (const [name, file] of body) parts.push('-F', shellQuoted(`${name}=@${file.name}`));
  else if (body !== undefined) parts.push('-H', shellQuoted(`Content-Type: ${headers['Content-Type']}`), '--data-raw', shellQuoted(body));
  parts.push(shellQuoted(address(path, query)));
  return parts.join(' ');
}

// The values that the words of a parameter name: `one of a, b, c`, `a, b or c`.
function choicesOf(parameter) {
  if (parameter.type === 'boolean') return ['true', 'false'];
  const list = /^one of (.+)$/.exec(parameter.expected ?? '')?.[1] ?? /^([\w-]+(?:, [\w-]+)* or [\w-]+)$/.exec(parameter.expected ?? '')?.[1];
  const choices = list?.split(/, | or /) ?? [];
  return choices.every((it) => /^[\w-]+$/.test(it)) ? choices : [];
}

function ParameterField({ parameter, value, onInput }) {
  const { name, type, required, expected, description } = parameter;
  const id = `parameter-${name}`;
  const choices = choicesOf(parameter);
  const common = { id, onInput: (event) => onInput(event.target.value), 'aria-describedby': `${id}-hint`, required };
  let field;
  if (type.startsWith('multipart/')) {
    field = html`<input type="file" ...${common} onInput=${undefined} onChange=${(event) => onInput(event.target.files[0] ?? '')} />`;
  } else if (choices.length > 0 && !type.endsWith('[]')) {
    field = html`<select ...${common} value=${value}><option value="">${parameter.default ? `default: ${parameter.default}` : '–'}</option>
      ${choices.map((it) => html`<option key=${it} value=${it} selected=${it === value}>${it}</option>`)}</select>`;
  } else if (parameter.in === 'body' || type.endsWith('[]')) {
    field = html`<textarea ...${common} rows="3" value=${value} spellcheck="false"></textarea>`;
  } else {
    field = html`<input type="text" ...${common} value=${value} placeholder=${parameter.default ?? ''} spellcheck="false" autocomplete="off"
      inputmode=${type === 'integer' ? 'numeric' : undefined} />`;
  }
  return html`<div class="parameter"><label for=${id}><code>${name}</code> <span class="facts">${parameter.in}, ${type}${required ? ', required' : ''}</span></label>
    ${field}
    <p id=${`${id}-hint`} class="facts"><${Summary} text=${description} />${expected ? ` Expected: ${expected}.` : ''}${type.endsWith('[]') ? ' One a line.' : ''}</p></div>`;
}

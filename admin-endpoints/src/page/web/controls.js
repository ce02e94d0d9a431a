// Small parts that all panels use.
import { html, useEffect, useRef, useState } from './vendor/preact_htm.js';
import { address, token } from './api.js';
import { codeParts, formatAgo, formatExact } from './format.js';
import { goTo } from './store.js';
import { useServerNow } from './polling.js';

// An answer of a route that is not data, as the route says it.
export function ErrorNote({ error }) {
  if (!error) return null;
  const status = error.status ? `${error.status} ` : '';
  return html`<p class="note error" role="alert"><strong>${status}</strong><span class="said">${error.message}</span></p>`;
}

// A summary of a doc comment.
export function Summary({ text }) {
  return codeParts(text ?? '').map((part, at) => (at % 2 ? html`<code key=${at}>${part}</code>` : part));
}

export function Note({ children }) {
  return children ? html`<p class="note" role="status">${children}</p>` : null;
}

export function Badge({ kind, children, title }) {
  return html`<span class="badge ${kind}" title=${title}>${children}</span>`;
}

// A time relative to now, with the exact time beside it for the pointer and for screen readers.
export function When({ time }) {
  const now = useServerNow();
  if (!time) return html`<span>–</span>`;
  return html`<time datetime=${time.toISOString()} title=${formatExact(time)}>${formatAgo(time, now)}</time>`;
}

// A link to a route. With a token the browser could not open it, so that the form of the endpoint does.
export function RouteLink({ path, query, children, label }) {
  function open(event) {
    if (!token()) return;
    event.preventDefault();
    goTo('endpoints', `GET ${path}${query ? `?${new URLSearchParams(query)}` : ''}`);
  }
  return html`<a href=${address(path, query)} onClick=${open} title=${`GET ${path}`} aria-label=${label}>${children}</a>`;
}

// It searches while it is written: Enter sends no form around it, but chooses the first that is found.
export function Search({ value, onInput, onEnter }) {
  function onKey(event) {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    if (!event.repeat) onEnter?.();
  }
  return html`<label class="search"><span>Search</span>
    <input type="search" data-search value=${value} onInput=${(event) => onInput(event.target.value)}
      onKeyDown=${onKey} spellcheck="false" autocomplete="off" /></label>`;
}

// What a list shows: its search, how much was found, and what else there is to press.
export function SearchRow({ value, onInput, onEnter, found, children }) {
  return html`<p class="row"><${Search} value=${value} onInput=${onInput} onEnter=${onEnter} /><span role="status">${found}</span>${children}</p>`;
}

// How many of a list are shown, so that a long one is shown fast: begins anew with each search.
export function useLimit(step, search) {
  const [limit, setLimit] = useState(step);
  useEffect(() => setLimit(step), [search]);
  return [limit, () => setLimit(limit + step)];
}

// What follows a list that is not shown to its end.
export function ShowMore({ count, limit, more }) {
  return count > limit && html`<p><button type="button" onClick=${more}>Show more</button> <span>${count - limit} are not shown; search to see them.</span></p>`;
}

export function Choice({ label, value, options, onInput }) {
  return html`<label><span>${label}</span>
    <select value=${value} onChange=${(event) => onInput(event.target.value)}>
      ${options.map(([name, text]) => html`<option key=${name} value=${name} selected=${name === value}>${text}</option>`)}
    </select></label>`;
}

export function Field({ label, value, onInput, size, hint, type = 'text' }) {
  return html`<label><span>${label}</span>
    <input type=${type} value=${value} size=${size} title=${hint} spellcheck="false" autocomplete="off"
      onInput=${(event) => onInput(event.target.value)} /></label>`;
}

// Asks before it acts: once for a write, twice for a dangerous request. `request` is what is sent, `of` what it is sent
// for, where the label does not say it. In a form, Enter presses a button of the type `submit`.
export function ConfirmButton({ effect, label, of = '', request = label, type = 'button', small, onConfirm, disabled }) {
  const needed = effect === 'dangerous' ? 2 : effect === 'write' ? 1 : 0;
  // An answer counts for the request that was asked about.
  const [answered, setAnswered] = useState({ request, effect, count: 0 });
  const asked = answered.request === request && answered.effect === effect ? answered.count : 0;
  const setAsked = (count) => setAnswered({ request, effect, count });
  const timer = useRef();
  useEffect(() => () => clearTimeout(timer.current), []);
  function press(event) {
    if (event.detail > 1) return; // the second click of a double one answers nothing
    clearTimeout(timer.current);
    if (asked >= needed) {
      setAsked(0);
      onConfirm();
      return;
    }
    event.currentTarget.focus(); // where the next Enter answers
    setAsked(asked + 1);
    timer.current = setTimeout(() => setAsked(0), 10_000);
  }
  function onKey(event) {
    if (event.repeat && event.key === 'Enter') event.preventDefault(); // a key that is held answers nothing
    if (event.key === 'Escape') setAsked(0);
  }
  const questions = [label, `Really? ${label}`, `This is dangerous. ${label}`];
  const text = questions[asked];
  return html`<button type=${type} class="${asked > 0 ? 'asking ' : ''}${effect}${small ? ' small' : ''}" disabled=${disabled}
    aria-label=${of ? `${text} ${of}` : undefined} onClick=${press} onKeyDown=${onKey}>${text}</button>`;
}

// Runs what a form is for. A key that is held sends it once.
export function formEvents(onSubmit) {
  return {
    onSubmit(event) {
      event.preventDefault();
      onSubmit?.();
    },
    onKeyDown(event) {
      if (event.repeat && event.key === 'Enter' && !event.target.matches('textarea')) event.preventDefault();
    },
  };
}

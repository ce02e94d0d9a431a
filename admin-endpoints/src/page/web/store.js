// Values that several parts of the page show.
import { useEffect, useState } from './vendor/preact_htm.js';

export function createStore(value) {
  const listeners = new Set();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener(value);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore(store) {
  const [value, setValue] = useState(store.get());
  useEffect(() => {
    setValue(store.get());
    return store.subscribe(setValue);
  }, [store]);
  return value;
}

// What the server has: the answer of GET /, as JSON. Null until it is known.
export const index = createStore(null);

// { isLost, since, epoch }: the epoch changes when a connection is restored or a token is given.
export const connection = createStore({ isLost: false, since: null, epoch: 0 });

// How many milliseconds the clock of the server is ahead of that of the browser.
export const clock = createStore(0);

// No answer: what is shown is older from now on.
export function lost() {
  const state = connection.get();
  if (!state.isLost) connection.set({ ...state, isLost: true, since: new Date(Date.now() + clock.get()) });
}

// The message of a 401, while a token is needed.
export const unauthorized = createStore(null);

// The part of the location after '#': the panel and its argument.
export const place = createStore(readPlace());

function readPlace() {
  const [panel, ...rest] = location.hash.slice(1).split('/');
  let argument = rest.join('/');
  try {
    argument = decodeURIComponent(argument);
  } catch {
    // It is not encoded.
  }
  return { panel, argument };
}

addEventListener('hashchange', () => place.set(readPlace()));

export function goTo(panel, argument) {
  const suffix = argument ? `/${encodeURIComponent(argument)}` : '';
  location.hash = `${panel}${suffix}`;
}

// Whether an endpoint is linked.
export function has(method, path) {
  const known = index.get();
  return known !== null && known.endpoints.some((it) => it.method === method && it.path === path);
}

// A value that this browser keeps, for this server's address.
const keyPrefix = `admin:${location.pathname.replace(/\/$/, '')}:`;

export function remember(storage, key, value) {
  try {
    if (value === null) storage.removeItem(keyPrefix + key);
    else storage.setItem(keyPrefix + key, value);
  } catch {
    // The browser keeps nothing; the page works without.
  }
}

export function recall(storage, key) {
  try {
    return storage.getItem(keyPrefix + key);
  } catch {
    return null;
  }
}

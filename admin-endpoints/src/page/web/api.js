// Requests to the routes of this server, the same that curl uses.
import { clock, connection, lost, recall, remember, unauthorized } from './store.js';

// The address of the server: where this page is, with or without a slash at the end.
export const base = `${location.origin}${location.pathname.replace(/\/*$/, '')}/`;

export function address(path, query) {
  const url = new URL(base + path.replace(/^\//, ''));
  for (const [name, value] of query ?? []) url.searchParams.append(name, value);
  return url.toString();
}

// What a route answered instead of data.
export class RouteError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

// No answer: the server is not there, or the connection was closed.
export class ConnectionError extends Error {}

const TOKEN_KEY = 'token';
const MIN_CLOCK_DIFFERENCE = 5000;

export function token() {
  return recall(sessionStorage, TOKEN_KEY);
}

export function setToken(text) {
  remember(sessionStorage, TOKEN_KEY, text);
  unauthorized.set(null);
  reconnect();
}

// Tells every part of the page to load again.
export function reconnect() {
  const { epoch } = connection.get();
  connection.set({ isLost: false, since: null, epoch: epoch + 1 });
}

// Sends a request and returns the response, whatever its status.
export async function send(method, path, { query, headers, body, signal } = {}) {
  const all = new Headers(headers);
  const secret = token();
  if (secret) all.set('Authorization', `Bearer ${secret}`);
  let response;
  try {
    response = await fetch(address(path, query), {
      method,
      headers: all,
      body,
      signal,
      cache: 'no-store',
      credentials: 'same-origin',
    });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    lost();
    throw new ConnectionError('The server does not answer');
  }
  compareClocks(response.headers.get('date'));
  if (connection.get().isLost) reconnect();
  if (response.status === 401) {
    unauthorized.set(await errorMessage(response.clone()));
  }
  return response;
}

// A difference of a few seconds may be the way of the answer.
function compareClocks(date) {
  const ahead = Date.parse(date) - Date.now();
  if (Number.isNaN(ahead)) return;
  if (Math.abs(ahead) < MIN_CLOCK_DIFFERENCE) clock.set(0);
  else if (Math.abs(ahead - clock.get()) > MIN_CLOCK_DIFFERENCE) clock.set(ahead);
}

// As the route says it: the text of {"error": ".."}, or the whole text.
export async function errorMessage(response) {
  const text = await response.text();
  try {
    const { error } = JSON.parse(text);
    if (typeof error === 'string') return error;
  } catch {
    // It is not JSON.
  }
  return text || `${response.status} ${response.statusText}`;
}

async function succeeded(method, path, options) {
  const response = await send(method, path, options);
  if (!response.ok) throw new RouteError(response.status, await errorMessage(response));
  return response;
}

// The rest of a body may fail to arrive too.
async function read(body) {
  try {
    return await body;
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    lost();
    throw new ConnectionError('The connection was closed');
  }
}

export async function getJson(path, options = {}) {
  const headers = { Accept: 'application/json' };
  const response = await succeeded('GET', path, { headers, ...options });
  return read(response.json());
}

export async function getText(path, options) {
  return read((await succeeded('GET', path, options)).text());
}

export async function getBlob(path, options) {
  return read((await succeeded('GET', path, options)).blob());
}

export async function change(method, path, options) {
  return read((await succeeded(method, path, options)).text());
}

// Calls a function with each line of a stream, and returns when the stream ends.
export async function readLines(path, options, onLine) {
  const response = await succeeded('GET', path, options);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await read(reader.read());
    if (done) break;
    const lines = (rest + value).split('\n');
    rest = lines.pop();
    for (const line of lines) onLine(line);
  }
  if (rest) onLine(rest);
}

// Saves a blob as a file of the user.
export function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

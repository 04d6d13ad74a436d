// The console's API: one place that knows the base address, the CSRF header, ETags and problem+json.
//
//   const player = await api.get(`/players/${id}`, {query: {limit: 10}, signal: ctx.signal});        the body
//   const {data, etag} = await api.tagged(`/players/${id}`, {signal: ctx.signal});                   the body and its version, e.g. '"7"'
//   await api.post('/session/password', {current, new: next});                                       for everything that is not a Change
//   await api.post(path, body, {ifMatch: etag});                                                     (changes go through lib/change.js)
//   await api.delete(`/tokens/${id}`);
//
// Failures throw ApiError {status, code, title, message, problem, retryAfterMs}; `message` can be shown as it is. A call aborted by its signal throws an
// AbortError: isAbort(error) tells. An answer of 401 to anything but a log-in ends the session in the page: the log-in screen comes and returns here.
//
//   poll({every: 1000, load: (signal) => api.get('/overview', {signal}), onData, onError, signal: ctx.signal})
//     asks at once and then `every` ms after each answer; stands still while the tab is hidden; after errors waits 2, 4, 8 … times as long (at most 30 s);
//     ends with the signal. Returns {now(): ask at once, pause(), resume(), stop()}. In a screen use ctx.poll(…), which has the signal already.
//
//   query values that are null, undefined, '' or false are left out.

const BASE = 'console/api/v1';
const WAIT_MAX_MS = 30_000;

export class ApiError extends Error {
  constructor(status, problem, retryAfterMs = null) {
    super(readable(status, problem));
    this.name = 'ApiError';
    this.status = status;
    this.problem = problem ?? {};
    this.code = this.problem.code ?? `http_${status}`;
    this.title = this.problem.title;
    this.retryAfterMs = this.problem.retry_after_ms ?? retryAfterMs;
  }
}

function readable(status, problem) {
  const parts = [problem?.detail ?? problem?.message];
  if (problem?.field) parts.push(`(${problem.field})`);
  if (Array.isArray(problem?.errors)) parts.push(problem.errors.map(({ field, rule }) => `${field} ${rule}`).join('; '));
  const text = parts.filter(Boolean).join(' ');
  if (text) return text;
  if (status === 0) return 'The server does not answer.';
  if (status === 403) return 'Your role does not allow this.';
  if (status === 404) return 'There is no such thing (any more).';
  if (status === 429) return 'Too many requests; wait a moment.';
  return `The server answered ${status}.`;
}

export const isAbort = (error) => error?.name === 'AbortError';

let csrf = null;
let onSessionLost = () => {};

/** The session's CSRF token; set by lib/session.js. */
export function setCsrf(token) {
  csrf = token;
}

/** Called when the server says that nobody is logged in any more. */
export function whenSessionLost(listener) {
  onSessionLost = listener;
}

function address(path, query) {
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== null && value !== undefined && value !== '' && value !== false);
  const text = new URLSearchParams(pairs).toString();
  return `${BASE}${path}${text ? `?${text}` : ''}`;
}

async function request(method, path, { body, query, signal, ifMatch } = {}) {
  const headers = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (method !== 'GET' && csrf) headers['x-csrf-token'] = csrf;
  if (ifMatch !== undefined && ifMatch !== null) headers['if-match'] = quoted(ifMatch);
  let response;
  try {
    response = await fetch(address(path, query), {
      method, headers, signal, credentials: 'same-origin', redirect: 'error', body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new ApiError(0, null);
  }
  return answer(response, path);
}

const quoted = (version) => (/^(W\/)?"/.test(String(version)) ? String(version) : `"${version}"`);

async function answer(response, path) {
  const data = await bodyOf(response);
  if (response.ok) return { data, etag: response.headers.get('etag'), status: response.status };
  const failure = new ApiError(response.status, data, 1000 * Number(response.headers.get('retry-after')) || null);
  const logIn = path === '/session' || (path.startsWith('/session/') && /wrong|code/.test(failure.code));
  if (response.status === 401 && !logIn) onSessionLost();
  throw failure;
}

async function bodyOf(response) {
  const text = await response.text();
  if (!text) return null;
  if (!/json/.test(response.headers.get('content-type') ?? '')) return response.ok ? text : { detail: text.slice(0, 300) };
  try {
    return JSON.parse(text);
  } catch {
    return { detail: 'The answer could not be read.' };
  }
}

export const api = {
  get: async (path, options) => (await request('GET', path, options)).data,
  tagged: (path, options) => request('GET', path, options),
  post: async (path, body, options) => (await request('POST', path, { ...options, body: body ?? {} })).data,
  delete: async (path, body, options) => (await request('DELETE', path, { ...options, body })).data,
};

export function poll({ every, load, onData, onError = () => {}, signal }) {
  let timer = null;
  let errors = 0;
  let busy = false;
  let paused = false;
  let ended = signal?.aborted ?? false;

  const schedule = (ms) => {
    clearTimeout(timer);
    if (!ended && !paused && !document.hidden) timer = setTimeout(ask, ms);
  };

  async function ask() {
    if (busy || ended) return;
    busy = true;
    try {
      const data = await load(signal);
      errors = 0;
      if (!ended) onData(data);
    } catch (error) {
      if (isAbort(error) || ended) return;
      errors += 1;
      onError(error);
    } finally {
      busy = false;
      schedule(Math.min(every * 2 ** Math.min(errors, 6), Math.max(every, WAIT_MAX_MS)));
    }
  }

  const visibility = () => (document.hidden ? clearTimeout(timer) : schedule(0));
  const stop = () => {
    ended = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', visibility);
  };
  document.addEventListener('visibilitychange', visibility);
  signal?.addEventListener('abort', stop, { once: true });
  schedule(0);
  return {
    now: () => schedule(0),
    pause: () => { paused = true; clearTimeout(timer); },
    resume: () => { paused = false; schedule(0); },
    stop,
  };
}

// Data that is loaded again and again while the tab is visible.
import { useCallback, useEffect, useRef, useState } from './vendor/preact_htm.js';
import { clock, connection, lost, useStore } from './store.js';

// A server that has not answered for so long has stopped or hangs.
const MAX_ANSWER_TIME = 10_000;

// Loads at once, then `interval` milliseconds after each answer; without an interval once.
// Returns { data, error, isLoading, reload }.
export function usePolled(load, interval, keys = []) {
  const [state, setState] = useState({ data: null, error: null, isLoading: true });
  const [turn, setTurn] = useState(0);
  const { epoch } = useStore(connection);
  const current = useRef(load);
  current.current = load;
  useEffect(() => {
    const abort = new AbortController();
    let timer;
    let isRunning = false;
    let isLoaded = false;
    async function run() {
      if (document.hidden || isRunning) return;
      isRunning = true;
      const limit = interval && setTimeout(lost, MAX_ANSWER_TIME);
      try {
        const data = await current.current(abort.signal);
        if (!abort.signal.aborted) setState({ data, error: null, isLoading: false });
      } catch (error) {
        if (!abort.signal.aborted) {
          setState((before) => ({ ...before, error, isLoading: false }));
        }
      }
      clearTimeout(limit);
      isRunning = false;
      isLoaded = true;
      if (interval && !abort.signal.aborted) timer = setTimeout(run, interval);
    }
    function onVisibility() {
      clearTimeout(timer);
      if (!document.hidden && (interval || !isLoaded)) run();
    }
    document.addEventListener('visibilitychange', onVisibility);
    setState((before) => ({ ...before, isLoading: true }));
    run();
    return () => {
      abort.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisibility);
    };
  }, [interval, turn, epoch, ...keys]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  return { ...state, reload };
}

// The time, every second while the tab is visible.
export function useNow() {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => document.hidden || setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

// The same by the clock of the server, where that of the browser is wrong.
export function useServerNow() {
  return useNow() + clock.get();
}

// Runs a change: { run, isRunning, message, error }.
export function useAction(action) {
  const [state, setState] = useState({ isRunning: false, message: null, error: null });
  async function run(...values) {
    setState({ isRunning: true, message: null, error: null });
    try {
      const message = await action(...values);
      setState({ isRunning: false, message: message ?? null, error: null });
    } catch (error) {
      setState({ isRunning: false, message: null, error });
    }
  }
  return { ...state, run };
}

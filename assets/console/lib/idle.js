// Logs out who has left the desk. The page asks the server all the time, so the server alone cannot tell: hands on mouse or keys can. What is done in
// one tab counts for all of them.
//
//   const stop = watchIdle(seconds, onIdle);

const KEY = 'orrery-console-active';
const LOOK_MS = 10_000;
const NOTE_MS = 5_000;
const EVENTS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'];

export function watchIdle(seconds, onIdle) {
  let last = Date.now();
  let noted = 0;

  function active() {
    last = Date.now();
    if (last - noted < NOTE_MS) return;
    noted = last;
    try {
      localStorage.setItem(KEY, String(last));
    } catch {
      // Without storage each tab counts for itself.
    }
  }

  function elsewhere() {
    try {
      return Number(localStorage.getItem(KEY)) || 0;
    } catch {
      return 0;
    }
  }

  active();
  for (const name of EVENTS) window.addEventListener(name, active, { passive: true, capture: true });
  const timer = setInterval(() => { if (Date.now() - Math.max(last, elsewhere()) > seconds * 1000) onIdle(); }, LOOK_MS);
  return () => {
    clearInterval(timer);
    for (const name of EVENTS) window.removeEventListener(name, active, { capture: true });
  };
}

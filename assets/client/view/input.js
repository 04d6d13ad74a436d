// Pointer and keys on the picture: click, drag, wheel and pinch; held keys fly. Knows neither ships nor commands.
//
//   startPointer(canvas, camera, { onTap(x, y, {touch, inspect}), onHover(x, y) }) → off
//   startFlightKeys(root, headingKeys, { onHeading(direction), onStop(), onZoom(factor), onRecentre() }) → off

import { typing } from '../ui/keys.js';

const CLICK_PIXELS = 7;
const LONG_PRESS_MS = 450;
const ZOOM_STEP = 1.2;
const KEYS_EVERY_MS = 30;

export function startPointer(canvas, camera, { onTap, onHover }) {
  const pointers = new Map();
  let travelled = 0;
  let downAt = 0;
  let most = 0;
  const local = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  function down(event) {
    if (pointers.size === 0) [travelled, downAt, most] = [0, event.timeStamp, 0];
    pointers.set(event.pointerId, local(event));
    most = Math.max(most, pointers.size);
    canvas.setPointerCapture(event.pointerId);
  }

  function move(event) {
    const before = pointers.get(event.pointerId);
    const now = local(event);
    if (!before) {
      if (event.pointerType === 'mouse') onHover(now.x, now.y);
      return;
    }
    pointers.set(event.pointerId, now);
    travelled += Math.hypot(now.x - before.x, now.y - before.y);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) pinch(before, now, other);
    else if (travelled >= CLICK_PIXELS) camera.look(now.x - before.x, now.y - before.y);
  }

  function pinch(before, now, other) {
    const spread = (point) => Math.max(20, Math.hypot(point.x - other.x, point.y - other.y));
    camera.zoom(spread(now) / spread(before), (now.x + other.x) / 2, (now.y + other.y) / 2);
  }

  function up(event) {
    const known = pointers.delete(event.pointerId);
    if (!known || event.type === 'pointercancel' || pointers.size > 0 || most > 1 || travelled >= CLICK_PIXELS) return;
    const { x, y } = local(event);
    const touch = event.pointerType === 'touch';
    onTap(x, y, { touch, inspect: event.button === 2 || event.shiftKey || (touch && event.timeStamp - downAt > LONG_PRESS_MS) });
  }

  function wheel(event) {
    event.preventDefault();
    const { x, y } = local(event);
    camera.zoom(ZOOM_STEP ** (-Math.sign(event.deltaY) * Math.min(1, Math.abs(event.deltaY) / 60)), x, y);
  }

  return listen([
    [canvas, 'pointerdown', down], [canvas, 'pointermove', move], [canvas, 'pointerup', up], [canvas, 'pointercancel', up],
    [canvas, 'wheel', wheel, { passive: false }], [canvas, 'contextmenu', (event) => event.preventDefault()],
  ]);
}

/** Where arrows and the space bar belong to the control that has the focus. */
const CONTROLS = 'button, a[href], summary, [role=tab], [role=tabpanel], [role=menu], [role=listbox], [role=slider], .panel, .side, dialog';

export function startFlightKeys(root, keys, { onHeading, onStop, onZoom, onRecentre }) {
  const here = (event) => root.contains(event.target) || !event.target.closest?.(CONTROLS);

  function keydown(event) {
    if (event.defaultPrevented || typing(event)) return;
    const arrow = event.code.startsWith('Arrow');
    const free = here(event) && !event.target.closest?.('button, a[href], summary, [role=option]');
    if (arrow && !free) return;
    if (keys.press(event.code, performance.now())) {
      if (arrow) event.preventDefault();
      send();
      return;
    }
    if (event.key === ' ' && free) {
      event.preventDefault();
      keys.clear();
      onStop();
    } else if (event.key === '+' || event.key === '=') onZoom(ZOOM_STEP);
    else if (event.key === '-') onZoom(1 / ZOOM_STEP);
    else if (event.key === '0' && free) onRecentre();
  }

  function send() {
    const direction = keys.due(performance.now());
    if (direction) onHeading(direction);
  }

  const timer = setInterval(() => { if (keys.held.size > 0) send(); }, KEYS_EVERY_MS);
  const off = listen([
    [document, 'keydown', keydown],
    [document, 'keyup', (event) => keys.release(event.code, performance.now())],
    [window, 'blur', () => keys.clear()],
  ]);
  return () => {
    clearInterval(timer);
    off();
  };
}

function listen(list) {
  for (const [target, type, listener, options] of list) target.addEventListener(type, listener, options);
  return () => list.forEach(([target, type, listener, options]) => target.removeEventListener(type, listener, options));
}

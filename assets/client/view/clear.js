// Which part of the window shows the picture: what lies over its edges is measured, so that arrows at the edge are not hidden below it.
//
//   clear(view element) → {left, right, top, bottom}   pixels of each edge that are covered

/** What lies over the picture, and at which edge: on narrow windows, and on wide ones. */
const OVER = [
  ['.guide', 'top', 'left'], ['.minimap', null, 'left'], ['.view-tools', 'right', 'left'], ['.sight', null, 'left'], ['.hud', 'bottom', 'bottom'], ['.side', null, 'right'],
];
const NARROW = matchMedia('(max-width: 700px)');

export function clear(view) {
  const style = getComputedStyle(view);
  const insets = Object.fromEntries(['left', 'right', 'top', 'bottom'].map((edge) => [edge, Number.parseFloat(style.getPropertyValue(`padding-${edge}`)) || 0]));
  const whole = view.getBoundingClientRect();
  for (const [what, narrow, wide] of OVER) {
    let edge = NARROW.matches ? narrow : wide;
    const box = edge && view.ownerDocument.querySelector(what)?.getBoundingClientRect();
    if (!box || box.width === 0) continue;
    // On a phone on its side the list is at the right.
    if (edge === 'left' && box.left > whole.left + whole.width / 2) edge = 'right';
    const covered = { left: box.right - whole.left, right: whole.right - box.left, top: box.bottom - whole.top, bottom: whole.bottom - box.top };
    insets[edge] = Math.max(insets[edge], covered[edge]);
  }
  return insets;
}

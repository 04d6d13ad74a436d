// What a hub has on offer, as auctions and contracts show it: the choice of a hub, below it a list, and in the list's place one entry or the form for a new one.
//
//   export default offersPanel({key, title, shortcut, entry: 'auction', list, one, form})
//     list(root, cx), one(root, cx, id), form(root, cx, item)   fill the place and live until `cx.scope` ends
//     cx: {game, scope, hub, open}; open() goes back to the list, open({auction: id}) to an entry, open({create: true | item}) to the form
//   openEntry(root, cx, {…})                                  one entry, kept up to date until it is over
//   newEntry(root, cx, {title, all, form})                    the form for a new one

import { button, empty, failure, fill, h, loading } from '../../ui/dom.js';
import { backBar, firstHub, hubPicker, refill } from './parts.js';
import { openScope } from './scope.js';

export function offersPanel({ key, title, shortcut, entry, list, one, form }) {
  return {
    key, title, group: 'economy', shortcut,
    mount(root, game, params = {}) {
      const scope = openScope(game, root);
      const body = h('div', { class: 'stack' });
      let part = null;
      const picker = hubPicker(game, scope, firstHub(game, params.hub), () => open());
      fill(root, picker.element, body);

      function open({ create = null, [entry]: id = null } = {}) {
        part?.close();
        part = scope.part();
        fill(body);
        const cx = { game, scope: part, hub: picker.hub, open };
        if (create !== null) form(body, cx, create === true ? undefined : create);
        else if (id !== null) one(body, cx, id);
        else list(body, cx);
      }
      open(params);
      return scope.close;
    },
  };
}

/**
 * `watch(cx, show, fail)` gives all entries, and again when they change; `draw({title, about, act}, found)` shows this one in those places, `gone()` is called
 * when it is over. `changes` are the parts of the player's state that it depends on. Returns what `watch` gives.
 */
export function openEntry(root, cx, { id, entry, all, watch, changes, draw, gone }) {
  const title = h('h3', { tabindex: '-1' }, `${entry.replace(/^./, (first) => first.toUpperCase())} ${id}`);
  const about = h('div', { class: 'stack' }, loading());
  const act = h('div', { class: 'forms' });
  fill(root, h('div', { class: 'back' }, button('‹ Back', () => cx.open(), { class: 'button--small', 'aria-label': `Back to all ${all}` }), title), about, act);
  title.focus({ preventScroll: true });
  let [known, over] = [null, false];

  const question = watch(cx, (entries) => {
    const found = entries.find((other) => other[entry] === id);
    if (found) {
      known = found;
      draw({ title, about, act }, known);
      return;
    }
    if (!over) refill(about, empty(known === null ? `There is no such ${entry} any more.` : `This ${entry} is over. Your notifications tell how it ended.`));
    fill(act);
    over = true;
    gone();
  }, (error, retry) => fill(about, failure(cx.game.explain(error), retry)));
  cx.scope.watch((_, changed) => { if (known && !over && changes.some((key) => changed.has(key))) draw({ title, about, act }, known); });
  return question;
}

export function newEntry(root, cx, { title, all, form }) {
  const bar = backBar(title, () => cx.open(), `Back to all ${all}`);
  fill(root, bar, form);
  bar.querySelector('h3').focus({ preventScroll: true });
}

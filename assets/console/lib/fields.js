// Form fields described as data, for lib/change.js.
//
//   {name, label, type, value, required, help, ...}
//   type: 'text' (maxlength, pattern) · 'textarea' · 'password' · 'integer' (min, max) · 'select' (options: [[value, label]]) · 'checkbox'
//         'until'   end of a sanction: "for good", hours, days or a date → milliseconds since 1970, or null for good
//         'when'    a moment: date and time → milliseconds
//         'names'   comma-separated → list      'goods' lines of item and quantity → {item: n} (options: the items' keys)
//
//   const form = buildFields(fields); form.element; form.values() → {name: value}; form.check() → true when everything is valid (else it shows why)

import { field, h, select } from './dom.js';
import { button } from './dialog.js';

export function buildFields(descriptions) {
  const controls = descriptions.map((description) => ({ description, ...control(description) }));
  const element = h('form', { class: 'fields', autocomplete: 'off' }, controls.map(({ row }) => row));
  // Enter in a field must not send the form anywhere; the dialog's own buttons go on.
  element.addEventListener('submit', (event) => event.preventDefault());
  return {
    element,
    check: () => element.reportValidity() && controls.every(({ problem }) => !problem?.()),
    values: () => Object.fromEntries(controls.map(({ description, read }) => [description.name, read()])),
  };
}

function control(description) {
  const make = { select: choice, checkbox, until, when, names, goods }[description.type] ?? plain;
  return make(description);
}

function plain({ label, type = 'text', value = '', required, help, min, max, maxlength, minlength, pattern, placeholder, autocomplete = 'off' }) {
  const number = type === 'integer';
  const input = type === 'textarea'
    ? h('textarea', { rows: 3, value, required, maxlength, minlength, placeholder })
    : h('input', { type: number ? 'number' : type, value: value ?? '', required, min, max, maxlength, minlength, pattern, placeholder, autocomplete, step: number ? 1 : null });
  const read = () => (number ? (input.value === '' ? null : Number(input.value)) : input.value.trim());
  return { row: field(label, input, help), read };
}

function choice({ label, options, value, help, required }) {
  const input = select(options, value ?? (Array.isArray(options[0]) ? options[0]?.[0] : options[0]), { required });
  return { row: field(label, input, help), read: () => input.value };
}

function checkbox({ label, value = false, help }) {
  const input = h('input', { type: 'checkbox', checked: value });
  const row = h('div', { class: 'field check' }, h('label', {}, input, ' ', label), help && h('p', { class: 'help' }, help));
  return { row, read: () => input.checked };
}

const HOUR_MS = 3_600_000;
const ENDS = [[1, '1 hour'], [6, '6 hours'], [24, '1 day'], [72, '3 days'], [168, '7 days'], [720, '30 days'], ['date', 'Until a date…'], ['forever', 'For good']];

function until({ label, value = 24, help }) {
  const input = select(ENDS, String(value));
  const date = moment(Date.now() + 24 * HOUR_MS, 'Date and time of the end');
  date.hidden = input.value !== 'date';
  input.addEventListener('change', () => { date.hidden = input.value !== 'date'; date.required = !date.hidden; });
  const row = field(label, input, help);
  row.append(date);
  const read = () => (input.value === 'forever' ? null : input.value === 'date' ? new Date(date.value).getTime() : Date.now() + Number(input.value) * HOUR_MS);
  return { row, read };
}

function moment(ms, name) {
  const date = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return h('input', { type: 'datetime-local', value: date.toISOString().slice(0, 16), 'aria-label': name });
}

function when({ label, value, help, required }) {
  const input = moment(value ?? Date.now() + HOUR_MS / 2, label);
  input.required = required ?? true;
  if (value === null) input.value = '';
  return { row: field(label, input, help), read: () => (input.value ? new Date(input.value).getTime() : null) };
}

function names({ label, value = [], help, placeholder }) {
  const input = h('input', { type: 'text', value: value.join(', '), placeholder, autocomplete: 'off' });
  return { row: field(label, input, help), read: () => input.value.split(',').map((name) => name.trim()).filter(Boolean) };
}

function goods({ label, options, value = {}, help }) {
  const lines = h('div', { class: 'goods' });
  const list = h('datalist', { id: `goods-${Math.random().toString(36).slice(2)}` }, options.map((item) => h('option', { value: item })));
  const add = (item = '', count = '') => {
    const line = h('div', { class: 'goods-line' },
      h('input', { type: 'text', list: list.id, value: item, placeholder: 'item', 'aria-label': 'Item', autocomplete: 'off' }),
      h('input', { type: 'number', min: 1, step: 1, value: count, placeholder: 'quantity', 'aria-label': 'Quantity' }),
      button('×', () => line.remove(), { class: 'quiet', 'aria-label': 'Remove this line' }));
    lines.append(line);
    return line;
  };
  Object.entries(value).forEach(([item, count]) => add(item, count));
  if (lines.children.length === 0) add();
  const row = h('fieldset', { class: 'field' }, h('legend', {}, label), lines, list, help && h('p', { class: 'help' }, help),
    button('Add an item', () => add().querySelector('input').focus(), { class: 'quiet' }));
  const pairs = () => [...lines.children].map((line) => [...line.querySelectorAll('input')]);
  const problem = () => pairs().some(([item, count]) => {
    item.setCustomValidity(item.value && !options.includes(item.value) ? 'There is no such item.' : '');
    count.setCustomValidity(item.value && !count.value ? 'How many?' : '');
    return !item.reportValidity() || !count.reportValidity();
  });
  const read = () => Object.fromEntries(pairs().filter(([item, count]) => item.value && count.value).map(([item, count]) => [item.value, Number(count.value)]));
  return { row, read, problem };
}

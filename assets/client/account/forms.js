// The forms of an account: name and password with their rules, as the server has them. Used by the start screen and by the claim of a guest's account.

import { explain } from '../ui/refusals.js';
import { field, h } from '../ui/dom.js';

const NAME_RULE = '3 to 24 letters, digits, “_”, “-” or single spaces';
const PASSWORD_MIN = 8;
const NAME = /^(?=.{3,24}$)[\p{L}\p{N}_-]+( [\p{L}\p{N}_-]+)*$/u;

export const nameField = (props = {}) => h('input', {
  type: 'text', name: 'name', autocomplete: 'username', maxlength: 24, required: true, spellcheck: 'false', autocapitalize: 'off', ...props,
});

const passwordField = (isNew) => h('input', {
  type: 'password', name: 'password', autocomplete: isNew ? 'new-password' : 'current-password', maxlength: 128, minlength: isNew ? PASSWORD_MIN : undefined, required: true,
});

/** What is wrong with a name, or ''. An empty one is the caller's affair. */
export const nameFault = (name) => (NAME.test(name) ? '' : `A name has ${NAME_RULE}.`);

/**
 * A form with name and password. `send(name, password)` is awaited; its refusal stands below the fields.
 * @param {{label: string, isNew: boolean, name?: string, help?: string, send: (name: string, password: string) => Promise<void>}} options
 */
export function credentialsForm({ label, isNew, name = '', help, send }) {
  const nameInput = nameField({ value: name });
  const password = passwordField(isNew);
  const fault = h('p', { class: 'error', role: 'alert', hidden: true });
  const submit = h('button', { type: 'submit', class: 'button button--primary button--wide' }, label);
  const show = (text) => {
    fault.hidden = !text;
    fault.textContent = text;
  };
  const form = h('form', { class: 'form', novalidate: true }, help && h('p', { class: 'muted' }, help),
    field('Name', nameInput, isNew ? NAME_RULE : undefined),
    field('Password', password, isNew ? `At least ${PASSWORD_MIN} characters` : undefined), fault, submit);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const wanted = nameInput.value.trim();
    const wrong = isNew ? nameFault(wanted) || (password.value.length < PASSWORD_MIN ? `The password needs at least ${PASSWORD_MIN} characters.` : '') : (!wanted || !password.value ? 'Name and password, please.' : '');
    show(wrong);
    if (wrong) return;
    submit.disabled = true;
    form.setAttribute('aria-busy', 'true');
    try {
      await send(wanted, password.value);
    } catch (error) {
      show(explain(error));
    } finally {
      submit.disabled = false;
      form.removeAttribute('aria-busy');
    }
  });
  return form;
}

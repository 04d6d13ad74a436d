// THE dialog of every change: form → dry run → what differs → reason → confirm with If-Match → done, with the audit entry and Undo.
//
//   openChange({
//     title: 'Ban Ada',
//     path: `/players/${id}/changes`,                      where to POST; in the form {change, reason, dry_run}
//     fields: [{name: 'until_ms', type: 'until', label: 'Ends'}],   see lib/fields.js; none: the dialog begins with the dry run
//     toChange: (values) => ({kind: 'ban', ...values}),    the request's `change`
//     version: etag,                                       the version that the screen shows (an ETag or a number). Left out: that of the dry run
//     intro: 'text or node above the form', warning: 'This cannot be undone.', danger: true, confirm: 'Ban',
//     onDone: (answer) => reload(),                        after the change, and after its undo, and after a conflict was found (show the current state)
//     envelope: (change, reason, dry_run) => ({…}),        only where the body differs
//     dryRun: false,                                       only where the route has no dry run: the reason is asked at once
//     lasting: 'Why that does not matter',                 instead of the warning that it cannot be undone, where there is nothing to be undone
//   });
//   openUndo(seq, {onDone})    the same dialog for POST /audit/{seq}/undo
//
//   When somebody changed the thing meanwhile (412) the dialog says which version there is now and offers to look again: the dry run is repeated with
//   the current version, so that nobody confirms what he has not seen.

import { api, isAbort } from './api.js';
import { field, h, link, loading, failure } from './dom.js';
import { button, openDialog } from './dialog.js';
import { buildFields } from './fields.js';
import { diffView } from './diff.js';
import { toast } from './toast.js';

const standard = (change, reason, dry_run) => ({ change, reason, dry_run });

export function openChange(options) {
  return new ChangeDialog({ fields: [], toChange: (values) => values, envelope: standard, dryRun: true, ...options }).begin();
}

export function openUndo(seq, { onDone, title = `Undo of audit entry #${seq}` } = {}) {
  return openChange({
    title, onDone, path: `/audit/${seq}/undo`, envelope: (_, reason, dry_run) => ({ reason, dry_run }), confirm: 'Undo', reason: `Undo of #${seq}`,
  });
}

class ChangeDialog {
  constructor(options) {
    this.options = options;
    this.version = options.version ?? null;
    this.busy = false;
    this.dialog = openDialog({ title: options.title, size: 'wide', guard: () => !this.busy });
    this.form = options.fields.length > 0 ? buildFields(options.fields) : null;
    this.form?.element.addEventListener('submit', () => this.preview());
    this.reason = h('textarea', { rows: 2, required: true, minlength: 3, maxlength: 500, value: options.reason ?? '' });
  }

  begin() {
    if (this.form) this.showForm();
    else this.preview();
    return this.dialog.closed;
  }

  cancel() {
    return button('Cancel', () => this.dialog.close());
  }

  showForm() {
    const { intro, warning } = this.options;
    this.dialog.setBody(intro && h('p', {}, intro), warning && h('p', { class: 'notice warn' }, warning), this.form.element);
    this.dialog.setActions(this.cancel(), button(this.options.dryRun ? 'Preview' : 'Continue', () => this.preview(), { class: 'primary' }));
    this.dialog.focusFirst();
  }

  async preview() {
    if (this.busy || (this.form && !this.form.check())) return;
    this.change = this.options.toChange(this.form?.values() ?? {});
    if (!this.options.dryRun) {
      this.showReason(null);
      return;
    }
    await this.ask('Trying it out…', async () => {
      // A dry run changes nothing and is not audited; its reason is asked afterwards.
      const answer = await api.post(this.options.path, this.options.envelope(this.change, 'dry run', true));
      this.version ??= answer.version;
      this.showReason(answer);
    }, () => this.back());
  }

  back() {
    if (this.form) this.showForm();
    else this.dialog.close();
  }

  showReason(answer) {
    const { intro, warning, confirm = 'Confirm', danger, lasting } = this.options;
    const hint = answer?.can_undo ? 'This can be undone afterwards.' : lasting;
    const undoable = answer && (hint ? h('p', { class: 'muted' }, hint) : h('p', { class: 'notice warn' }, 'This cannot be undone.'));
    this.dialog.setBody(
      !this.form && intro && h('p', {}, intro), !this.form && warning && h('p', { class: 'notice warn' }, warning),
      answer && h('h3', {}, 'What will change'), answer && diffView(answer.before, answer.after), undoable,
      field('Reason', this.reason, 'Written to the audit log, 3 to 500 characters.'));
    this.dialog.setActions(this.form ? button('Back', () => this.showForm()) : this.cancel(),
      button(confirm, () => this.send(), { class: danger ? 'danger' : 'primary' }));
    this.reason.focus();
  }

  async send() {
    const reason = this.reason.value.trim();
    this.reason.setCustomValidity(reason.length < 3 ? 'At least 3 characters.' : '');
    if (this.busy || !this.reason.reportValidity()) return;
    await this.ask('Carrying it out…', async () => {
      const answer = await api.post(this.options.path, this.options.envelope(this.change, reason, false), { ifMatch: this.version });
      this.showDone(answer ?? {});
    }, () => (this.options.dryRun ? this.preview() : this.showReason(null)));
  }

  showDone(answer) {
    const undo = answer.can_undo && answer.audit !== null && answer.audit !== undefined;
    this.dialog.setBody(h('p', { class: 'notice ok', role: 'status' }, 'Done. ', typeof answer.audit === 'number' && ['Audit entry ', this.auditLink(answer.audit), '.']),
      answer.after && diffView(answer.before, answer.after));
    const close = button('Close', () => this.dialog.close(answer), { class: 'primary' });
    this.dialog.setActions(undo && button('Undo', () => this.undo(answer.audit)), close);
    close.focus();
    this.options.onDone?.(answer);
  }

  auditLink(seq) {
    const anchor = link(`/audit/${seq}`, `#${seq}`);
    anchor.addEventListener('click', () => this.dialog.close());
    return anchor;
  }

  undo(seq) {
    this.dialog.close();
    openUndo(seq, { onDone: this.options.onDone });
  }

  async ask(text, work, retry) {
    this.busy = true;
    this.dialog.setBody(loading(text));
    this.dialog.setActions();
    try {
      await work();
    } catch (error) {
      if (isAbort(error)) return;
      if (error.status === 412) this.showConflict(error);
      else this.showFailure(error, retry);
    } finally {
      this.busy = false;
    }
  }

  showConflict(error) {
    const current = error.problem.current_version;
    this.dialog.setBody(h('div', { class: 'notice warn', role: 'alert' },
      h('p', {}, h('strong', {}, 'Somebody changed this meanwhile.')),
      h('p', {}, `You saw version ${unquoted(this.version)}; it is now version ${current ?? 'another one'}. Nothing was changed.`)));
    const again = button('Load the current state', () => {
      this.version = current ?? null;
      this.options.onDone?.(null);
      this.preview();
    }, { class: 'primary' });
    this.dialog.setActions(this.cancel(), again);
    again.focus();
  }

  showFailure(error, retry) {
    this.dialog.setBody(failure(error));
    const back = button('Back', retry, { class: 'primary' });
    this.dialog.setActions(this.cancel(), back);
    back.focus();
    if (error.status === 0) toast('The server does not answer.', 'warn');
  }
}

const unquoted = (version) => String(version ?? 'unknown').replaceAll('"', '');

// A guest takes a name and a password, and keeps everything.

import { openDialog } from '../ui/dialog.js';
import { toast } from '../ui/toast.js';
import { credentialsForm } from './forms.js';

export async function claimDialog(session, suggestion) {
  const dialog = openDialog({ title: 'Keep this account' });
  dialog.setBody(credentialsForm({
    label: 'Keep it', isNew: true, name: suggestion,
    help: 'You play as a guest: only this browser knows you. With a name and a password you can log in from everywhere, and keep your ship, credits and goods.',
    send: async (name, password) => {
      const account = await session.claim(name, password);
      dialog.close(account);
      toast(`The account is yours, ${account.name}.`, { level: 'good' });
    },
  }));
  dialog.element.querySelector('input')?.focus();
  return (await dialog.closed) ?? null;
}

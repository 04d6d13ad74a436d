// What one does in the dialog of a change, in words. All wait for what they need.

const dialog = (page) => page.getByRole('dialog');

/** Fills fields by their labels, and asks for the dry run. */
export async function preview(page, fields = {}) {
  for (const [label, value] of Object.entries(fields)) {
    const control = dialog(page).getByLabel(label, { exact: true });
    if (await control.evaluate((element) => element.tagName) === 'SELECT') await control.selectOption(value);
    else await control.fill(String(value));
  }
  await dialog(page).getByRole('button', { name: 'Preview' }).click();
  await dialog(page).getByLabel('Reason').waitFor();
}

/** The rows that would change: {path: [before, after]}. */
export async function differences(page) {
  const rows = await dialog(page).locator('.diff tr.changed').evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.textContent)));
  return Object.fromEntries(rows.map(([path, before, after]) => [path, [before, after]]));
}

export async function confirm(page, button, reason) {
  await dialog(page).getByLabel('Reason').fill(reason);
  await dialog(page).locator('.dialog-actions').getByRole('button', { name: button, exact: true }).click();
}

export async function done(page) {
  await dialog(page).getByText('Done.').waitFor();
}

export async function close(page) {
  await dialog(page).locator('.dialog-actions').getByRole('button', { name: 'Close' }).click();
  await dialog(page).waitFor({ state: 'detached' });
}

/** '1,234 cr' → 1234 */
export const number = (text) => Number(text.replaceAll(/[^0-9-]/g, ''));

// Log-in: a wrong password is refused; the second factor is turned on, then asked for; its code works once; a recovery code replaces it; log-out.

import { check, go, logIn, name, password, picture, run } from './lib/console.mjs';
import { freshCode } from './lib/totp.mjs';

await run(async ({ open }) => {
  const { page, expect } = await open();
  expect(401);
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('Name or password is wrong.').waitFor();
  await picture(page, 'login-wrong');
  await logIn(page);

  await go(page, '/account', 'My account');
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.getByLabel('Your password').fill(password);
  await page.getByRole('button', { name: 'Continue' }).click();
  const secret = await page.locator('[data-secret]').textContent();
  const qr = page.getByRole('img', { name: /QR code/ });
  await qr.waitFor();
  check(await qr.evaluate((image) => image.complete && image.naturalWidth > 0), 'the QR code is not drawn');
  await picture(page, 'login-qr', { fullPage: false });
  let used = await freshCode(secret, 0);
  await page.getByLabel('Code', { exact: true }).fill(used.code);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByRole('heading', { name: 'Recovery codes' }).waitFor();
  const recovery = (await page.locator('.once').textContent()).split('\n');
  check(recovery.length === 10, `${recovery.length} recovery codes, not 10`);
  await picture(page, 'login-recovery', { fullPage: false });
  await page.getByRole('button', { name: 'I have kept it' }).click();
  await logOut(page);

  await logIn(page, {
    code: async () => {
      await picture(page, 'login-code');
      const spent = used.code;
      await page.getByLabel('Code', { exact: true }).fill(spent);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByText('That code is not right').waitFor();
      used = await freshCode(secret, used.step);
      return used.code;
    },
  });
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await logOut(page);
  await logIn(page, { code: () => recovery[0] });
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
});

async function logOut(page) {
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByText('You are logged out.').waitFor();
}

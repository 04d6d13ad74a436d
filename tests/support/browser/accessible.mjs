// Looks at a page as people do who cannot see it, or not well: axe's rules for WCAG 2.2 A and AA (names, roles, contrast, order).
//
//   await accessible(page, 'market');    throws with every fault and where it is

import axe from 'axe-core';
import { check } from './browser.mjs';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

export async function accessible(page, title) {
  await page.evaluate(axe.source);
  const faults = await page.evaluate(async (rules) => {
    const { violations } = await globalThis.axe.run(document, { runOnly: { type: 'tag', values: rules }, resultTypes: ['violations'] });
    return violations.flatMap(({ id, help, nodes }) => nodes.slice(0, 3).map(({ html, any }) => `${id}: ${help}: ${html.slice(0, 160)} ${any[0]?.message ?? ''}`));
  }, RULES);
  check(faults.length === 0, `${title} is not accessible:\n  ${faults.join('\n  ')}`);
}

/** Nothing sticks out at the side. */
export async function fits(page, title) {
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  check(beyond <= 0, `${title} is ${beyond} px wider than the window`);
}

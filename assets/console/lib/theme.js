// Light, dark, or as the system says. A plain script, loaded before the style sheet, so that the page never flashes in the wrong colours;
// it offers `window.orreryTheme.next()` to the header's switch.

(() => {
  const KEY = 'orrery-console-theme';
  const ORDER = ['system', 'light', 'dark'];
  const read = () => {
    try {
      const stored = localStorage.getItem(KEY);
      return ORDER.includes(stored) ? stored : 'system';
    } catch {
      return 'system';
    }
  };
  const apply = (theme) => {
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  };
  let current = read();
  apply(current);
  window.orreryTheme = {
    current: () => current,
    next: () => {
      current = ORDER[(ORDER.indexOf(current) + 1) % ORDER.length];
      apply(current);
      try {
        localStorage.setItem(KEY, current);
      } catch {
        // Without storage the choice lasts as long as the page.
      }
      window.dispatchEvent(new Event('orrery-theme'));
      return current;
    },
  };
})();

/** Light, dark, or as the system says; remembered in this browser. */

export type Theme = 'auto' | 'light' | 'dark';

const KEY = 'browser-grpo:theme';

export function currentTheme(): Theme {
  const stored = localStorage.getItem(KEY);
  return stored === 'light' || stored === 'dark' ? stored : 'auto';
}

/** Applies the theme and tells what draws on canvases. */
export function setTheme(theme: Theme): void {
  if (theme === 'auto') localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme);
  applyTheme();
}

/** Puts the remembered theme on the document. */
export function applyTheme(): void {
  const theme = currentTheme();
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  dispatchEvent(new Event('themechange'));
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () =>
  dispatchEvent(new Event('themechange')),
);

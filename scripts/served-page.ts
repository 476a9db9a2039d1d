/** The built page in a headless Chromium: what `train`, `pretrain` and `bench` drive. */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright';
import { build, preview, type PreviewServer } from 'vite';
import { launchOptions, withFrameProcesses, type BrowserChoice } from './browser-choice.ts';

export interface ServedPage {
  page: Page;
  address: string;
  close(): Promise<void>;
}

/**
 * Builds the page unless `dist/` is there and `reuseBuild` is set, serves it, opens it headless.
 * Errors of the page's scripts end the command: nothing that happens in the page may fail in silence.
 */
export async function openPage(
  choice: BrowserChoice,
  { reuseBuild = false, hash = '' } = {},
): Promise<ServedPage> {
  if (!reuseBuild || !existsSync('dist/index.html')) await build({ logLevel: 'warn' });
  const server: PreviewServer = await preview({ preview: { host: 'localhost', port: 0 }, logLevel: 'warn' });
  const address = server.resolvedUrls!.local[0];
  const { executablePath, args } = launchOptions(choice);
  const options = {
    executablePath,
    args: withFrameProcesses(args),
    // Playwright hides scroll bars, and with them what they take from the boxes of a task's page.
    ignoreDefaultArgs: ['--hide-scrollbars'],
    // Ctrl-C must reach our own handler first: it ends the run cleanly and writes what there is.
    handleSIGINT: false,
    handleSIGTERM: false,
  };
  const browser: Browser | BrowserContext =
    choice.profile === undefined
      ? await chromium.launch(options)
      : await chromium.launchPersistentContext(choice.profile, options);
  const page = await browser.newPage();
  await page.setViewportSize({ width: 1280, height: 900 });
  page.on('pageerror', error => console.error(`page error: ${error.stack ?? error.message}`));
  page.on('console', message => {
    if (message.type() === 'error') console.error(`page: ${message.text()}`);
  });
  await page.goto(address + hash);
  return {
    page,
    address,
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

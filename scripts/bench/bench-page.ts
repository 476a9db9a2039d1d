/** A built page of a bench in Chromium, with what it says on the terminal. */
import { chromium, type Page } from 'playwright';
import { browserChoice, launchOptions } from '../browser-choice.ts';
import { serveFolder } from './serve-folder.ts';

/**
 * @param folder  where the built pages lie
 * @param path  of the page in it
 * @param options  of the command, which may choose the browser
 */
export async function openBenchPage(
  folder: string,
  path: string,
  options: ReadonlyMap<string, string>,
): Promise<{ page: Page; close(): Promise<void> }> {
  const server = await serveFolder(folder);
  const browser = await chromium.launch(launchOptions(browserChoice(options)));
  const page = await browser.newPage();
  page.on('pageerror', error => console.error(`page error: ${error.stack ?? error.message}`));
  page.on('console', message => console.log(`  ${message.text()}`));
  await page.goto(server.address + path);
  return {
    page,
    async close() {
      await browser.close();
      server.close();
    },
  };
}

/** `--pages DIR`: a copy of MiniWoB++'s html folder, brought into the headless page. */
import { basename, resolve } from 'node:path';
import type { Page } from 'playwright';
import { readFolder } from './folder.ts';

/** @returns what the configuration's `environment` says for it. @throws {Error} with what is wrong with the folder */
export async function givePages(page: Page, folder: string): Promise<string> {
  const files = readFolder(folder, '--pages takes the html folder of MiniWoB++');
  await page.waitForFunction(() => window.browserGrpo !== undefined);
  return page.evaluate(([name, texts]) => window.browserGrpo!.importPages(name, texts), [
    basename(resolve(folder)),
    files,
  ] as const);
}

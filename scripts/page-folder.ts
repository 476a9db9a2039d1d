/** `--pages DIR`: a copy of MiniWoB++'s html folder, brought into the headless page. */
import { basename, resolve } from 'node:path';
import type { Page } from 'playwright';
import { BUILT_IN } from '../src/config/environment-name.ts';
import { readFolder } from './folder.ts';

/**
 * @param named  the environment that the configuration names, if any.
 * @returns what its `environment` says for the folder.
 * @throws {Error} with what is wrong with the folder, or where the configuration names other pages
 */
export async function givePages(page: Page, folder: string, named?: string): Promise<string> {
  const files = readFolder(folder, '--pages takes the html folder of MiniWoB++');
  await page.waitForFunction(() => window.browserGrpo !== undefined);
  const environment = await page.evaluate(([name, texts]) => window.browserGrpo!.importPages(name, texts), [
    basename(resolve(folder)),
    files,
  ] as const);
  if (named !== undefined && named !== BUILT_IN && named !== environment)
    throw new Error(
      `The configuration names ${named}, but ${folder} is ${environment}: its files differ. Give the copy that it was made with, or set environment to ${environment}.`,
    );
  return environment;
}

/** A person brings MiniWoB++'s own pages in, by hand, by drop or from an address; they train, stay, and can be deleted. */
import { expect, test, type Page } from '@playwright/test';
import { resolve } from 'node:path';
import { serveFolder } from '../../scripts/folder-server.ts';
import { TrainingPage } from './page.ts';

const FOLDER = 'tests/fixtures/miniwob-html';

/** Drops a file or folder of the disk on the page, as a file manager does. */
async function drop(page: Page, path: string): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const data = { items: [], files: [resolve(path)], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await devtools.send('Input.dispatchDragEvent', { type, x: 400, y: 400, data });
  await devtools.detach();
}

test('a folder is picked, its tasks are listed as its own, train, outlive the tab, and are deleted', async ({
  page,
}) => {
  const training = new TrainingPage(page);
  await training.open('max_steps=1&eval_steps=1');
  const tasks = page.locator('tasks-panel .catalogue li');
  const environment = page.getByLabel('Environment', { exact: true });
  const kept = page.getByTestId('page-folder');
  await page.getByText('MiniWoB++’s own pages…').click();

  await test.step('what is no such folder is said, and nothing changes', async () => {
    await page.getByTestId('pages-folder').setInputFiles('tests/fixtures/gguf');
    await expect(training.alert).toContainText('“gguf” is no copy of MiniWoB++');
    await page.getByTestId('pages-folder').setInputFiles(`${FOLDER}/miniwob`);
    await expect(training.alert).toContainText('has 5 pages but not core/core.js');
    await expect(environment).toHaveValue('built-in');
  });

  await test.step('the right one is taken', async () => {
    await page.getByTestId('pages-folder').setInputFiles(FOLDER);
    await expect(kept).toContainText(/3 tasks, \d\.\d kB, from miniwob-html/);
    await expect(tasks).toHaveText([
      /click-test\s+MiniWoB\+\+/,
      /click-button\s+MiniWoB\+\+/,
      /choose-picture\s+MiniWoB\+\+/,
    ]);
    await expect(page).toHaveURL(/environment=pages%3A[0-9a-f]{16}/);
  });

  await test.step('its pages train', async () => {
    await tasks.getByRole('checkbox', { name: 'choose-picture' }).check();
    await training.button('Train', true).click();
    await training.finished(1);
    await expect(page.locator('curves-panel')).toContainText('choose-picture');
  });

  await test.step('they outlive the tab; a link to them opens where they are', async () => {
    await page.reload();
    await training.ready();
    await expect(tasks).toHaveCount(3);
    await expect(tasks.getByRole('checkbox', { name: 'choose-picture' })).toBeChecked();
  });

  await test.step('deleted, a link to them says what is missing', async () => {
    const link = page.url();
    await kept.getByRole('button', { name: 'Delete' }).click();
    await expect(environment).toHaveValue('built-in');
    await expect(tasks).toHaveCount(125);
    await page.goto('about:blank');
    await page.goto(link);
    await training.ready();
    await expect(page.getByRole('status').filter({ hasText: 'are not in this browser' })).toBeVisible();
    await training.button('Train', true).click();
    await expect(training.alert).toContainText('Pick or drop the same copy');
    await training.button('Use the built-in tasks').click();
    await expect(environment).toHaveValue('built-in');
  });
});

test('the list is searched; a folder is dropped; an address that serves one is fetched, as far as its server names what it has', async ({
  page,
}) => {
  const training = new TrainingPage(page);
  await training.open();
  await page.getByLabel('Show tasks whose name has').fill('email');
  await expect(page.locator('tasks-panel .catalogue li')).toHaveCount(10);
  await page.locator('tasks-panel').getByRole('button', { name: 'All' }).click();
  await expect(page.locator('tasks-panel').getByText('12 of 125')).toBeVisible();

  const kept = page.getByTestId('page-folder');
  await drop(page, FOLDER);
  await expect(kept).toContainText('3 tasks');
  await expect(page.getByLabel('Environment', { exact: true })).toHaveValue(/^pages:/);

  const server = await serveFolder(FOLDER);
  try {
    await page.getByText('MiniWoB++’s own pages…').click();
    const address = page.getByLabel('Address of the html folder');
    await address.fill(`${server.address}nowhere/`);
    await page.getByRole('button', { name: 'Fetch' }).click();
    await expect(training.alert).toContainText('There is no core/core.js below');
    await address.fill(`${server.address}miniwob/`);
    await page.getByRole('button', { name: 'Fetch' }).click();
    // This server lists no folders, so that only pages by registered names are found.
    await expect(kept).toContainText(`2 tasks, `);
    await expect(kept).toContainText(server.address);
    await expect(page.locator('tasks-panel .catalogue li'), 'a search is for the long list').toHaveCount(2);
  } finally {
    await server.close();
  }
});

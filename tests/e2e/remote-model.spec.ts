/** A policy from a Hub: named, looked up, downloaded on request, trained, kept, deleted. The Hub is a server of the tests. */
import { expect, test } from '@playwright/test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FileSpec } from '../hub/orders.ts';
import { HubServer } from '../hub/server.ts';
import { TrainingPage } from './page.ts';

const FOLDER = 'public/models/nano';
const NAME = 'someone/nano';
let hub: HubServer;

test.beforeAll(async () => {
  hub = await HubServer.start();
  const paths = readdirSync(FOLDER).filter(path => path !== 'README.md');
  const files = Object.fromEntries(
    paths.map((path): [string, FileSpec] => [path, { disk: join(FOLDER, path) }]),
  );
  hub.add({ name: NAME, files: { ...files, 'README.md': { text: '# nano' } } });
});
test.afterAll(() => hub.stop());

test('a person trains a policy from a Hub, and it is kept', async ({ page }) => {
  const training = new TrainingPage(page);
  await training.open('max_steps=1&eval_steps=0&eval_episodes=0');
  const name = page.getByLabel('Hub repository or address');

  await test.step('a name that is no repository is said so', async () => {
    await name.fill(`hub:${hub.address}/someone/nothing`);
    await name.press('Enter');
    await expect(training.alert).toContainText('has no repository');
  });

  await test.step('looking up pins the commit and downloads no weights', async () => {
    await name.fill(`hub:${hub.address}/${NAME}`);
    await name.press('Enter');
    await expect(page).toHaveURL(/someone%2Fnano%40[0-9a-f]{40}/);
    await expect(training.policy.locator('option:checked')).toHaveText(/someone\/nano @ [0-9a-f]{7}/);
    expect(hub.log.filter(({ path }) => path.includes('/resolve/'))).toEqual([]);
  });

  await test.step('training downloads it, takes a step, and keeps it', async () => {
    hub.steer({ fault: { repo: NAME, at: 'cdn', dropAfter: 100_000 } });
    await training.button('Train', true).click();
    await training.finished(1);
    await expect(page.getByText(/^Here, /)).toBeVisible();
    const weights = hub.log.filter(({ host }) => host === 'cdn');
    expect(weights.length, 'the dropped connection was taken up again').toBe(2);
    expect(weights[1].range).not.toBe('bytes=0-');
  });

  await test.step('a second run asks the Hub for nothing', async () => {
    const asked = hub.log.length;
    await page.reload();
    await training.ready();
    await training.button('Train', true).click();
    await training.finished(1);
    expect(hub.log.length).toBe(asked);
  });

  await test.step('it can be deleted, and brought back ahead of a run', async () => {
    await page.getByTestId('downloaded').locator('summary').click();
    await page.getByTestId('downloaded').getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByTestId('downloaded')).toHaveCount(0);
    await expect(training.policy).toHaveValue('nano');

    await name.fill(`hub:${hub.address}/${NAME}`);
    await name.press('Enter');
    hub.steer({ fault: { repo: NAME, at: 'cdn', rate: 500_000 } });
    await training.button('Download', true).click();
    await expect(page.getByTestId('download')).toContainText(/MB\/s|kB\/s/);
    await training.button('Cancel').click();
    await expect(training.alert).toContainText('was stopped');
    await expect(page.getByText(/are here/)).toBeVisible();
    await training.button('Download', true).click();
    await expect(page.getByText(/^Here, /)).toBeVisible();
  });
});

/** A person trains on an OpenEnv server: entered, looked at, played, with an episode that is lost on the way. */
import { expect, test, type Page } from '@playwright/test';
import { OpenEnvServer } from '../openenv/server.ts';
import { TrainingPage } from './page.ts';

let server: OpenEnvServer;
test.beforeAll(async () => void (server = await OpenEnvServer.start()));
test.afterAll(() => server.stop());

test('a server is connected to and trained on; a lost episode is counted, not scored', async ({ page }) => {
  const training = new TrainingPage(page);
  await training.open('max_steps=1&eval_steps=0&eval_episodes=0');
  const environment = page.getByLabel('Environment', { exact: true });
  const address = page.getByLabel('Address of an OpenEnv server');
  await page.getByText('An OpenEnv server…').click();

  await test.step('one that is not there is said so, and nothing changes', async () => {
    await address.fill('http://127.0.0.1:9');
    await page.getByRole('button', { name: 'Connect' }).click();
    await expect(training.alert).toContainText('No OpenEnv server answers at ws://127.0.0.1:9/ws');
    await expect(environment).toHaveValue('built-in');
  });

  await test.step('what it serves becomes the task', async () => {
    // Its third session is refused, and its second step breaks the connection.
    await address.fill(`${server.address.replace('ws:', 'http:')}/capacity-2/drop-2`);
    await page.getByRole('button', { name: 'Connect' }).click();
    await expect(page.getByTestId('server')).toContainText('serves click-test (miniwob)');
    await expect(environment).toHaveValue(/^openenv:ws:/);
    await expect(page.locator('tasks-panel .catalogue li')).toHaveText([/click-test\s+OpenEnv/]);
  });

  await test.step('it trains in the sessions that there are', async () => {
    await training.button('Train', true).click();
    await expect(page.getByRole('status').filter({ hasText: 'room for 2 sessions' })).toBeVisible();
    await training.finished(1);
    expect(await metricsOfRun(page)).toMatchObject([{ 'episodes/failed': 0, 'episodes/replaced': 1 }]);
  });
});

/** What the page stored of its only run, a record a step. */
function metricsOfRun(page: Page): Promise<Record<string, number>[]> {
  return page.evaluate(
    () =>
      new Promise(resolve => {
        const opening = indexedDB.open('browser-grpo');
        opening.onsuccess = () => {
          const rows = opening.result.transaction('metrics').objectStore('metrics').getAll();
          rows.onsuccess = () =>
            resolve((rows.result as { metrics: Record<string, number> }[]).map(row => row.metrics));
        };
      }),
  );
}

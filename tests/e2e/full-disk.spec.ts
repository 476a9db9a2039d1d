/** A checkpoint for which the disk has no room costs no run: it goes on, says so, and can be taken up from the one before. */
import { expect, test, type Page } from '@playwright/test';
import { TrainingPage } from './page.ts';

interface Stored {
  /** Step of the run's current checkpoint. */
  current: number;
  /** Bytes of its weights and moments. */
  bytes: number;
  /** Bytes that the origin uses. */
  usage: number;
  /** Steps that have a row of numbers. */
  steps: number[];
}

function stored(page: Page): Promise<Stored> {
  return page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error!);
      });
    const [{ name }] = await indexedDB.databases();
    const database = await done(indexedDB.open(name!));
    const all = <T>(store: string) =>
      done(database.transaction(store).objectStore(store).getAll()) as Promise<T[]>;
    const [run] = await all<{ checkpointStep: number }>('runs');
    const checkpoints = await all<{ step: number; tensors: Blob }>('checkpoints');
    const metrics = await all<{ step: number }>('metrics');
    database.close();
    return {
      current: run!.checkpointStep,
      bytes: checkpoints.find(({ step }) => step === run!.checkpointStep)?.tensors.size ?? 0,
      usage: (await navigator.storage.estimate()).usage!,
      steps: metrics.map(({ step }) => step),
    };
  });
}

test('a checkpoint that does not fit is told, the run goes on, and the one before it is where it goes on from', async ({
  page,
}) => {
  const training = new TrainingPage(page);
  // Large checkpoints beside small rows: what is left of the room is enough for these, and not for those.
  await training.open(
    'max_steps=5000&eval_steps=0&save_steps=2&lora_r=128&max_turns=1&observation.use_screenshot=false',
  );
  const { origin } = new URL(page.url());
  const devtools = await page.context().newCDPSession(page);
  const full = page.getByRole('status').filter({ hasText: 'No room left to store checkpoint of step' });
  await training.button('Train', true).click();
  await training.measured(4);

  await test.step('The disk fills up while the run is under way', async () => {
    await expect(async () => {
      // Chromium gives back the room of old checkpoints when it likes, and believes for 30 s what it last knew of it.
      const { usage, bytes } = await stored(page);
      await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: usage + bytes / 2 });
      await expect(full).toBeVisible({ timeout: 8000 });
    }).toPass({ timeout: 120_000 });
  });

  const { current } = await stored(page);
  await test.step('It goes on all the same, and says once what holds', async () => {
    await expect(full).toContainText(`The run goes on; its last checkpoint is that of step ${current}.`);
    await training.measured((await training.metricCount()) + 6);
    await expect(training.line).not.toContainText('paused');
    await expect(full).toHaveCount(1);
    expect((await stored(page)).current).toBe(current);
  });

  await test.step('Its tab closes, there is room again, and it goes on from that checkpoint', async () => {
    await page.reload();
    await training.ready();
    await expect(page.getByText(`It can go on from its checkpoint at step ${current}.`)).toBeVisible();
    await devtools.send('Storage.overrideQuotaForOrigin', { origin });
    await training.button('Resume').first().click();
    await expect.poll(async () => (await stored(page)).current).toBeGreaterThan(current);
    await training.button('Stop', true).click();
    await expect(training.line).toContainText('Stopped');
    const { steps } = await stored(page);
    expect(steps).toEqual(steps.map((_, i) => i + 1));
    expect(steps.length).toBeGreaterThan(current);
  });
});

/** Two tabs on the same stored runs: one works on a run at a time, and nobody goes on from what another has overtaken. */
import { expect, test, type Page } from '@playwright/test';
import { TrainingPage } from './page.ts';

/** More than a run gets to before it is stopped here. */
const STEPS = 200;

/** Steps of the stored checkpoints, ascending. With `damage`, one bit of the newest is another first. */
function checkpoints(page: Page, damage: boolean): Promise<number[]> {
  return page.evaluate(async damage => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error!);
      });
    const [{ name }] = await indexedDB.databases();
    const database = await done(indexedDB.open(name!));
    const store = () => database.transaction('checkpoints', 'readwrite').objectStore('checkpoints');
    const rows = (await done(store().getAll())) as { step: number; tensors: Blob }[];
    rows.sort((a, b) => a.step - b.step);
    const last = rows.at(-1)!;
    if (damage) {
      const bytes = new Uint8Array(await last.tensors.arrayBuffer());
      bytes[bytes.length - 1]! ^= 1;
      await done(store().put({ ...last, tensors: new Blob([bytes]) }));
    }
    database.close();
    return rows.map(row => row.step);
  }, damage);
}

test('a run has one tab at a time, and a tab that looked away goes on from what is stored now', async ({
  page,
  context,
}) => {
  const first = new TrainingPage(page);
  await first.open(`max_steps=${STEPS}`);
  await first.button('Train', true).click();
  await first.measured(2);

  const other = await context.newPage();
  const second = new TrainingPage(other);
  const row = other.locator('runs-panel li');
  await test.step('The other tab sees that it is under way, and leaves it alone', async () => {
    await second.open();
    await expect(row).toContainText('in another tab');
    await expect(other.getByText('when its tab closed')).toBeHidden();
    await row.getByRole('button', { name: 'Resume' }).click();
    await expect(second.alert).toContainText('is under way already, in another tab');
    await row.getByRole('button', { name: 'Delete' }).click();
    await row.getByRole('button', { name: 'Delete for good' }).click();
    await expect(second.alert).toContainText('is under way already, in another tab');
    await first.measured((await first.metricCount()) + 2);
  });

  await test.step('Its list is old by then, and it goes on from the newest checkpoint all the same', async () => {
    await first.button('Stop', true).click();
    await expect(first.line).toContainText('Stopped');
    const [reached] = (await checkpoints(page, false)).slice(-1);
    expect(reached).toBeGreaterThan(3);
    await row.getByRole('button', { name: 'Resume' }).click();
    await second.measured(reached! + 1);
    await second.button('Stop', true).click();
    await expect(second.line).toContainText('Stopped');
    expect(await second.metricCount()).toBeGreaterThan(reached!);
  });

  await test.step('Where the newest is damaged, from the one before it', async () => {
    const steps = await checkpoints(page, true);
    const [before, newest] = steps.slice(-2);
    await row.getByRole('button', { name: 'Resume' }).click();
    await expect(other.getByText(`The checkpoint of step ${newest} of run`)).toContainText(
      `goes on from the one before it, of step ${before}.`,
    );
    await second.measured(newest! + 1);
    await second.button('Stop', true).click();
    await expect(second.line).toContainText('Stopped');
    expect(await second.metricCount()).toBe(Math.max(...(await checkpoints(page, false))));
  });

  await test.step('A run that another tab has deleted is said to be so, and another policy is no cure', async () => {
    const own = page.locator('runs-panel li');
    await own.getByRole('button', { name: 'Delete' }).click();
    await own.getByRole('button', { name: 'Delete for good' }).click();
    await expect(own).toHaveCount(0);
    await row.getByRole('button', { name: 'Resume' }).click();
    await expect(second.alert).toContainText(
      'is not stored here any more; it was deleted, perhaps in another tab',
    );
    await expect(second.button('Use the built-in policy')).toBeHidden();
    await expect(second.button('Show stored runs')).toBeVisible();
    await expect(row).toHaveCount(0);
  });
});

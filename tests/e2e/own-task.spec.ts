/** A person writes a task, corrects it where the page says, trains on it, and hands it on. */
import { expect, test } from '@playwright/test';
import { TrainingPage } from './page.ts';

test('a task is written, mended, tried, saved, trained on, exported and shared', async ({
  page,
  context,
}) => {
  const training = new TrainingPage(page);
  await training.open('max_steps=1&eval_steps=0');
  await training.button('New task').click();
  const dialog = page.getByRole('dialog');

  await dialog.getByLabel('Name').fill('click-test');
  await dialog.getByLabel('Setup').fill('return { fruit: core.sample(["fig", lemon]) };');
  await dialog.getByRole('button', { name: 'Try' }).click();
  await expect(dialog.getByRole('alert')).toContainText('There is a task click-test already');
  await dialog.getByLabel('Name').fill('press-fig');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByRole('alert')).toContainText('lemon is not defined');
  await expect(dialog.getByLabel('Setup')).toHaveAttribute('aria-invalid', 'true');
  await dialog.getByLabel('Setup').fill('return { fruit: core.sample(["fig", "lime"]) };');
  await dialog.getByLabel('HTML').fill('<button>fig</button> <button>lime</button>');

  await dialog.getByRole('button', { name: 'Try' }).click();
  await expect(dialog.getByTestId('trial-goal')).toHaveText(/^Press the (fig|lime)\.$/);
  const tree = (await dialog.getByTestId('trial-tree').textContent())!;
  const fruit = /the (\w+)/.exec((await dialog.getByTestId('trial-goal').textContent())!)![1]!;
  const bid = new RegExp(`\\[(\\d+)\\] button '${fruit}'`).exec(tree)![1]!;
  await dialog.getByLabel('Action').fill(`click('${bid}')`);
  await dialog.getByRole('button', { name: 'Do' }).click();
  await expect(dialog.getByTestId('trial-outcome')).toHaveText(`click('${bid}'): the episode ended with 1.`);

  // The page takes a click, too, and what was written survives a close.
  await dialog.getByRole('button', { name: 'Next seed' }).click();
  await expect(dialog.getByTestId('trial-outcome')).toHaveText('The episode has begun.');
  await dialog.locator('.glass').click({ position: { x: 80, y: 200 } });
  await expect(dialog.getByTestId('trial-outcome')).toHaveText('mouse_click(80, 200): the episode goes on.');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await training.button('New task').click();
  await expect(dialog.getByText('What you had written is back')).toBeVisible();
  await expect(dialog.getByLabel('Name')).toHaveValue('press-fig');

  const download = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Export' }).click();
  const file = await (await download).path();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();
  const own = page.getByTestId('own-tasks');
  await expect(own.getByRole('checkbox', { name: 'press-fig' })).toBeChecked();
  await expect(page).toHaveURL(/tasks=click-test,click-button,press-fig.*own=/);

  // Only the own task is trained on.
  for (const name of ['click-test', 'click-button'])
    await page.getByRole('checkbox', { name, exact: true }).uncheck();
  await training.button('Train', true).click();
  await training.finished(1);

  // The task outlives the tab, and another person gets it by the link alone.
  await page.reload();
  await training.ready();
  await expect(own.getByRole('checkbox', { name: 'press-fig' })).toBeChecked();
  const link = page.url();
  const other = await (await context.browser()!.newContext()).newPage();
  await other.goto(link);
  await expect(other.getByTestId('own-tasks').getByRole('checkbox', { name: 'press-fig' })).toBeChecked();
  await other.context().close();

  // Deleted, it comes back from its file.
  await own.getByRole('button', { name: 'Edit' }).click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(own.getByRole('checkbox')).toHaveCount(0);
  await training.button('New task').click();
  await dialog.getByTestId('task-file').setInputFiles(file);
  await expect(dialog.getByLabel('Name')).toHaveValue('press-fig');
});

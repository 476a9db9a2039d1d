/** What goes wrong is said in words that tell it apart, and costs no run. */
import { expect, test } from '@playwright/test';
import { strToU8, zipSync } from 'fflate';
import { TrainingPage } from './page.ts';

const zip = (name: string, buffer: Buffer) => ({ name, mimeType: 'application/zip', buffer });

test('a link with values out of range opens, and names what it did not take', async ({ page }) => {
  const training = new TrainingPage(page);
  await training.open('lora_r=0&colour=red&max_steps=2');
  await expect(page.getByText(/lora_r is 0, but must be a whole number from 1/)).toBeVisible();
  await expect(page.getByText(/colour is not a setting/)).toBeVisible();
  await expect(page).toHaveURL(/max_steps=2/);
  await expect(page).not.toHaveURL(/lora_r|colour/);
});

test('broken files are refused, each by its fault, and nothing is stored', async ({ page }) => {
  const training = new TrainingPage(page);
  await training.open();
  await training.importFile(zip('photo.zip', Buffer.from('this is no zip')));
  await expect(training.alert).toContainText('photo.zip is not a zip file');

  const whole = Buffer.from(
    zipSync({ 'adapter_config.json': strToU8('{}'), 'big.txt': [new Uint8Array(9000), { level: 0 }] }),
  );
  await training.importFile(zip('cut.zip', whole.subarray(0, 4000)));
  await expect(training.alert).toContainText('cut.zip begins as a zip but cannot be read to its end');

  await training.importFile(zip('half.zip', whole));
  await expect(training.alert).toContainText('adapter_model.safetensors is missing');

  const weights = new Uint8Array(16).fill(255);
  const lying = zipSync({ 'adapter_config.json': strToU8('{}'), 'adapter_model.safetensors': weights });
  await training.importFile(zip('lying.zip', Buffer.from(lying)));
  await expect(training.alert).toContainText(
    'adapter_model.safetensors in lying.zip is not a safetensors file',
  );

  await expect(training.policy).toHaveValue('nano');
});

test('a full disk pauses the run, and it goes on when there is room', async ({ page }) => {
  const training = new TrainingPage(page);
  await training.open('max_steps=600&eval_steps=0');
  const origin = new URL(page.url()).origin;
  const devtools = await page.context().newCDPSession(page);
  await training.button('Train', true).click();
  await training.measured(1);

  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
  // Chromium believes for 30 s what it last knew of the room, while a fast machine takes many steps.
  await expect(training.alert).toContainText('No room left to store', { timeout: 90_000 });
  await expect(training.line).toContainText('paused');
  await expect(training.button('Show stored runs')).toBeVisible();

  await devtools.send('Storage.overrideQuotaForOrigin', { origin });
  const before = await training.metricCount();
  await training.button('Resume').first().click();
  await training.measured(before + 1);
  await training.button('Stop').click();
  await expect(training.line).toContainText('Stopped at step');
  const taken = await training.metricCount();
  await page.reload();
  await training.ready();
  expect(await training.metricCount()).toBe(taken);
});

test('a model that is not there is named, and the page stays ready', async ({ page }) => {
  const training = new TrainingPage(page);
  await training.open('model=import%3Agone');
  await training.button('Train', true).click();
  await expect(training.alert).toContainText('The imported model gone is not in this browser');
  await training.button('Use the built-in policy').click();
  await expect(training.policy).toHaveValue('nano');
});

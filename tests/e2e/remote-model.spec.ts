/** A policy from a Hub: named, looked up, downloaded on request, trained, kept, deleted. The Hub is a server of the tests. */
import { expect, test } from '@playwright/test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileSpec } from '../hub/orders.ts';
import { HubServer } from '../hub/server.ts';
import { WRITE_TOKEN } from '../hub/uploads.ts';
import { TrainingPage } from './page.ts';

const FOLDER = 'public/models/nano';
const TINY = 'tests/fixtures/lfm2_vl';
const GGUF = 'tests/fixtures/gguf';
const NAME = 'someone/nano';
let hub: HubServer;

test.beforeAll(async () => {
  hub = await HubServer.start();
  hub.add({ name: NAME, files: filesOf(FOLDER) });
  hub.add({ name: 'someone/tiny', files: filesOf(TINY) });
  hub.add({ name: 'someone/tiny-GGUF', files: filesOf(GGUF) });
  const settings = JSON.parse(readFileSync(join(TINY, 'adapter/adapter_config.json'), 'utf8')) as object;
  const named = JSON.stringify({ ...settings, base_model_name_or_path: 'someone/tiny' });
  const adapter = { ...filesOf(join(TINY, 'adapter')), 'adapter_config.json': { text: named } };
  hub.add({ name: 'someone/tiny-lora', files: adapter });
});
function filesOf(folder: string): Record<string, FileSpec> {
  const files = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isFile());
  return Object.fromEntries(files.map(({ name }) => [name, { disk: join(folder, name) }]));
}

test.afterAll(() => hub.stop());

test('a person trains a policy from a Hub, and it is kept', async ({ page, context }) => {
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

  await test.step('what it needs is told before, with why it would not fit', async () => {
    await training.button('Will it fit here?').click();
    const plan = page.getByTestId('model-plan');
    await expect(plan).toContainText('lfm2_vl, 2.4 M parameters. Download and disk 4.9 MB');
    await expect(plan).toContainText('It fits');
    expect(hub.log.filter(({ host }) => host === 'cdn')).toEqual([]);
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
    hub.steer({ fault: { repo: NAME, at: 'cdn', rate: 200_000 } });
    await training.button('Download', true).click();
    await expect(page.getByTestId('download')).toContainText(/MB\/s|kB\/s/);

    const other = await context.newPage();
    const beside = new TrainingPage(other);
    await beside.open();
    await other.getByTestId('downloaded').locator('summary').click();
    await other.getByTestId('downloaded').getByRole('button', { name: 'Delete' }).click();
    await expect(beside.alert).toContainText(
      /someone\/nano \([0-9a-f]{7}\) is being downloaded or loaded now, in this tab or another one/,
    );
    await expect(beside.button('Use the built-in policy')).toBeHidden();
    await other.close();
    await expect(page.getByTestId('download')).toBeVisible();
    await training.button('Cancel').click();
    await expect(training.alert).toContainText('was stopped');
    await expect(page.getByText(/are here/)).toBeVisible();
    await training.button('Download', true).click();
    await expect(page.getByText(/^Here, /)).toBeVisible();
  });
});

test('a GGUF file with its vision part, and an adapter with its base, train from a Hub', async ({ page }) => {
  const training = new TrainingPage(page);
  const name = page.getByLabel('Hub repository or address');
  const use = async (model: string): Promise<void> => {
    await name.fill(`hub:${hub.address}/${model}`);
    await name.press('Enter');
  };
  await training.open('max_steps=1&eval_steps=0&eval_episodes=0&tasks=click-test&max_turns=1');

  await use('someone/tiny-GGUF');
  await training.button('Train', true).click();
  await expect(training.alert).toContainText('say which one');
  await use('someone/tiny-GGUF/lfm2_vl-Q8_0.gguf');
  await expect(training.policy.locator('option:checked')).toHaveText(/lfm2_vl-Q8_0\.gguf @/);
  await training.button('Train', true).click();
  await training.finished(1);
  expect(hub.log.some(({ path }) => path.includes('mmproj-lfm2_vl-F16.gguf'))).toBe(true);

  await use('someone/tiny-lora');
  await training.button('Train', true).click();
  // Until this run begins the line says of the one before that it has finished.
  await expect(training.line).not.toContainText('Finished');
  await training.finished(1);
  expect(hub.log.some(({ path }) => path.includes('tiny-lora') && path.includes('adapter_model'))).toBe(true);
  expect(
    hub.log.some(({ path }) => path.startsWith('/someone/tiny/') && path.includes('model.safetensors')),
  ).toBe(true);
});

test('a trained adapter is pushed with its card, refused without a right to write, and comes back', async ({
  page,
}) => {
  const training = new TrainingPage(page);
  await training.open('max_steps=1&eval_steps=1&eval_episodes=2&tasks=click-test&max_turns=1');
  const name = page.getByLabel('Hub repository or address');
  await name.fill(`hub:${hub.address}/${NAME}`);
  await name.press('Enter');
  await expect(training.policy.locator('option:checked')).toHaveText(/someone\/nano @/);
  await training.button('Train', true).click();
  await training.finished(1);

  await page.getByLabel('Export', { exact: true }).click();
  await page.getByText('Push to the Hugging Face Hub').click();
  await page.getByLabel('Repository', { exact: true }).fill(`hub:${hub.address}/someone/mine`);
  await page.getByLabel('Access token that may write').fill('hf_reader');
  await training.button('Push, with a model card').click();
  await expect(training.alert).toContainText('does not let this token write to someone/mine (401)');

  await page.getByLabel('Access token that may write').fill(WRITE_TOKEN);
  await training.button('Push, with a model card').click();
  await expect(page.getByText(/is on the Hub/)).toBeVisible();
  const pushed = hub.repository('someone/mine')!;
  expect(pushed.paths()).toEqual(
    expect.arrayContaining(['README.md', 'adapter_config.json', 'adapter_model.safetensors', 'run.json']),
  );
  const card = pushed.text('README.md');
  expect(card).toMatch(
    /^---\nbase_model: "someone\/nano"\nbase_model_relation: adapter\nlibrary_name: peft\n/,
  );
  const rate = String.raw`\d\.\d\d \[\d\.\d\d, \d\.\d\d\] \(\d of 2\)`;
  expect(card).toMatch(new RegExp(String.raw`\| click-test \| ${rate} \| ${rate} \|`));
  expect(card).toContain('PeftModel.from_pretrained(model, "someone/mine")');
  expect(JSON.parse(pushed.text('adapter_config.json'))).toMatchObject({ base_model_name_or_path: NAME });

  await page.getByLabel('Export', { exact: true }).click();
  await name.fill(`hub:${hub.address}/someone/mine`);
  await name.press('Enter');
  await expect(training.policy.locator('option:checked')).toHaveText(/someone\/mine @/);
  await training.button('Train', true).click();
  await training.finished(1);
});

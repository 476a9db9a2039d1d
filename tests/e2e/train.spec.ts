/** What a person does: opens the page, trains, watches, pauses, leaves, comes back, exports, imports, trains on. */
import { expect, test } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import { TrainingPage } from './page.ts';

/** Enough that a run is still under way when its frames have been hidden and shown, and few enough for two more runs of it. */
const STEPS = 12;

test('a person trains, pauses, reloads, resumes, exports, imports and trains on', async ({ page }) => {
  const training = new TrainingPage(page);
  const steps = Array.from({ length: STEPS }, (_, i) => i + 1);
  await test.step('nothing runs unasked, and the link decides the settings', async () => {
    await training.open(`max_steps=${STEPS}`);
    await expect(training.line).toContainText('Ready');
    await expect(page.getByRole('checkbox', { name: 'click-button', exact: true })).toBeChecked();
    await expect(page.getByRole('checkbox', { name: 'click-color' })).not.toBeChecked();
  });

  await test.step('Train: frames appear, curves move', async () => {
    await training.button('Train', true).click();
    await expect(page.locator('#frames iframe').first()).toBeAttached();
    await training.measured(2);
    await expect(page.locator('curve-chart canvas').first()).toBeVisible();
    await expect(page.getByTestId('success')).toContainText('%');
    await expect(page.locator('film-strip li')).toHaveCount(4);
  });

  await test.step('Frames can be hidden, and go on', async () => {
    const frame = page.locator('#frames iframe').first();
    await expect(frame).toBeInViewport();
    await training.button('Hide', true).click();
    await expect(frame).not.toBeInViewport();
    await training.measured((await training.metricCount()) + 1);
    await training.button('Show', true).click();
    await expect(frame).toBeInViewport();
    await page.locator('h1').click();
  });

  await test.step('Pause by keyboard, and reload', async () => {
    await page.keyboard.press('Space');
    await expect(training.line).toContainText('paused');
    const before = await training.metricCount();
    await page.reload();
    await training.ready();
    await expect(page.getByText(/stopped at step \d+ when its tab closed/)).toBeVisible();
    expect(await training.metricCount()).toBe(before);
  });

  await test.step('Resume from the checkpoint to the end', async () => {
    await training.button('Resume').first().click();
    await training.finished(STEPS);
    expect(await training.metricCount()).toBe(STEPS);
  });

  await test.step('Save the curves as a table', async () => {
    const download = page.waitForEvent('download');
    await page.locator('curves-panel').getByRole('button', { name: 'Save as CSV' }).click();
    const lines = readFileSync(await (await download).path(), 'utf8')
      .trim()
      .split('\r\n');
    expect(lines[0]).toMatch(/^step,timestamp,.*train\/reward/);
    expect(lines[0]).toContain('eval/success/click-button');
    expect(lines.slice(1).map(line => Number(line.split(',')[0]))).toEqual([0, ...steps]);
  });

  const file = await test.step('Export the adapter with the run’s record', async () => {
    const path = await training.exportAdapter();
    const files = unzipSync(new Uint8Array(readFileSync(path)));
    expect(Object.keys(files)).toEqual(
      expect.arrayContaining([
        'adapter_config.json',
        'adapter_model.safetensors',
        'run.json',
        'metrics.jsonl',
        'episodes.jsonl',
      ]),
    );
    const lines = new TextDecoder().decode(files['metrics.jsonl']).trim().split('\n');
    expect(lines.map(line => (JSON.parse(line) as { step: number }).step)).toEqual(steps);
    return path;
  });

  await test.step('Its run.json does it again: the pause and the reload changed no digit', async () => {
    const buffer = Buffer.from(unzipSync(new Uint8Array(readFileSync(file)))['run.json']);
    await training.importFile({ name: 'run.json', mimeType: 'application/json', buffer });
    await expect(page.getByText(/These are the settings of run “.*”, made by wasm on/)).toBeVisible();
    await training.button('Train', true).click();
    await training.finished(STEPS);
    expect(metricsIn(await training.exportAdapter())).toEqual(metricsIn(file));
  });

  await test.step('Import it, and train on', async () => {
    await training.importFile({ name: 'mine.zip', mimeType: 'application/zip', buffer: readFileSync(file) });
    await expect(training.policy).toHaveValue(/^import:/);
    await training.button('Train', true).click();
    await training.measured(1);
    await training.button('Stop').click();
    await expect(training.line).toContainText(/Stopped at step \d/);
    await expect(page.locator('runs-panel li')).toHaveCount(3);
  });

  await test.step('Compare two runs: what differs, curves in one chart, a table for elsewhere', async () => {
    const boxes = page.getByRole('checkbox', { name: /^Compare / });
    await boxes.nth(0).check();
    await boxes.nth(2).check();
    const comparison = page.locator('run-comparison');
    await expect(comparison.getByRole('row', { name: /^model import:.* nano$/ })).toBeVisible();
    await expect(comparison.getByRole('row', { name: /^held-out success at the start \d/ })).toBeVisible();
    await expect(comparison.locator('curve-chart canvas').first()).toBeVisible();
    const download = page.waitForEvent('download');
    await comparison.getByRole('button', { name: 'Save as CSV' }).click();
    const lines = readFileSync(await (await download).path(), 'utf8').split('\r\n');
    expect(lines[0]).toMatch(/^kind,name,step,\w+ \w+,\w+ \w+$/);
    expect(lines.filter(line => line.startsWith('metric,reward,'))).toHaveLength(STEPS);
  });
});

/** A run's numbers by step, without what a clock says. */
function metricsIn(zip: string): Record<string, number>[] {
  const text = new TextDecoder().decode(unzipSync(new Uint8Array(readFileSync(zip)))['metrics.jsonl']);
  return text
    .trim()
    .split('\n')
    .map(line => ({ ...(JSON.parse(line) as Record<string, number>), time: 0, step_time: 0 }));
}

test('a run of an earlier visit can be exported without training it further', async ({ page }) => {
  const training = new TrainingPage(page);
  await training.open('max_steps=1&eval_steps=0');
  await training.button('Train', true).click();
  await training.finished(1);
  await page.reload();
  await training.ready();
  const files = unzipSync(new Uint8Array(readFileSync(await training.exportAdapter())));
  expect(files['adapter_model.safetensors'].length).toBeGreaterThan(1000);
});

test('a model’s folder is taken in, trained from, and deleted again', async ({ page }) => {
  const training = new TrainingPage(page);
  await training.open('max_steps=1&eval_steps=0');
  await page.getByTestId('import-folder').setInputFiles('tests/fixtures/lfm2_vl');
  await expect(training.policy).toHaveValue(/^import:/);
  await training.button('Train', true).click();
  await training.finished(1);
  await page.locator('policy-panel').getByRole('button', { name: 'Delete' }).click();
  await expect(training.policy).toHaveValue('nano');
  await expect(training.policy.getByRole('option')).toHaveCount(1);
});

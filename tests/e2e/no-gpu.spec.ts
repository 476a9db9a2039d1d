/** A machine without a GPU: Chromium offers no adapter without the flags for a software one. */
import { expect, test } from '@playwright/test';
import { findChromium } from '../../scripts/chromium.ts';
import { TrainingPage } from './page.ts';

test.use({ launchOptions: { executablePath: findChromium(), args: ['--no-sandbox', '--disable-gpu'] } });

test('the page says what is missing and trains on the processor when asked', async ({ page }) => {
  const training = new TrainingPage(page);
  await page.goto('./#v=1&seed=1&backend=webgpu');
  await expect(training.line).toContainText('cannot train');
  await expect(training.alert).toContainText(/WebGPU|adapter/);
  await training.button('Train on the processor').click();
  await training.ready();
  await expect(page).toHaveURL(/backend=wasm/);
});

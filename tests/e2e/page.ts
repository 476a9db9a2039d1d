/** The page as a person meets it: what the tests look at and press. */
import { expect, type Locator, type Page } from '@playwright/test';

/** Small enough for two cores: four short tries a step, two held-out pages a task. */
const SMALL =
  'backend=wasm&tasks=click-test,click-button&frames=4&max_turns=2&max_completion_length=8' +
  '&num_generations=4&per_device_train_batch_size=4&gradient_accumulation_steps=1&eval_episodes=2&eval_steps=4&save_steps=1';

export class TrainingPage {
  readonly line: Locator;
  readonly alert: Locator;

  constructor(readonly page: Page) {
    this.line = page.getByTestId('state-line');
    this.alert = page.getByRole('alert');
  }

  /** Opens the page with a small run's settings in its link, and waits until it is ready. */
  async open(settings = '', seed = 3): Promise<void> {
    await this.page.goto(`./#v=1&seed=${seed}&${SMALL}${settings && `&${settings}`}`);
    await this.ready();
  }

  async ready(): Promise<void> {
    await expect(this.button('Train', true)).toBeEnabled();
  }

  button(name: string, exact = false): Locator {
    return this.page.getByRole('button', { name: exact ? new RegExp(`^\\W*${name}$`) : name });
  }

  /** Waits until the run has measured at least `steps` steps. */
  async measured(steps: number): Promise<void> {
    await expect.poll(() => this.metricCount()).toBeGreaterThanOrEqual(steps);
  }

  async metricCount(): Promise<number> {
    return Number.parseInt((await this.page.getByTestId('metric-count').textContent()) ?? '', 10);
  }

  async finished(step: number): Promise<void> {
    await expect(this.line).toContainText(`Finished at step ${step}`, { timeout: 120_000 });
  }

  get policy(): Locator {
    return this.page.getByLabel('Policy', { exact: true });
  }

  /** Brings a file in through the file picker. */
  async importFile(file: string | { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
    await this.page.getByTestId('import-file').setInputFiles(file);
  }

  async exportAdapter(): Promise<string> {
    await this.page.getByLabel('Export', { exact: true }).click();
    const download = this.page.waitForEvent('download');
    await this.button('Adapter').click();
    return (await download).path();
  }
}

/** What leaves the tab: an adapter, a model, each with the run's record; or a push to the Hub. */
import { css, html, LitElement, nothing } from 'lit';
import { isActive } from '../session/state.ts';
import type { ExportKind } from '../protocol.ts';
import { act } from './act.ts';
import { saveFile } from './save-file.ts';
import { bytes, percent } from './format.ts';
import { SessionController } from './session-controller.ts';
import { shared, sheetStyles } from './styles.ts';

export class ExportMenu extends LitElement {
  static override properties = { exporting: { state: true }, best: { state: true } };
  declare exporting: boolean;
  /** Whether the checkpoint of the best evaluation is exported, not the last. */
  declare best: boolean;

  readonly #session = new SessionController(this, ['status', 'run', 'evaluations']);

  constructor() {
    super();
    this.exporting = false;
    this.best = false;
  }

  override render() {
    const { run, status } = this.#session.state;
    const moving = isActive(status) && status !== 'paused';
    const none = !run || run.checkpointStep < 0;
    const why = moving ? 'Pause or stop the run to export it.' : none ? 'Nothing has been trained yet.' : '';
    return html`
      <details>
        <summary class="button" aria-label="Export">Export ▾</summary>
        <div class="card sheet">
          ${why ? html`<p class="small muted">${why}</p>` : html`<p class="small">From “${run!.name}”, step ${run!.step}</p>`}
          ${this.#checkpointChoice()}
          <button
            ?disabled=${!!why || this.exporting || !run?.config.use_peft}
            @click=${() => this.#export('adapter')}
          >
            Adapter (PEFT) and run record
          </button>
          <button ?disabled=${!!why || this.exporting} @click=${() => this.#export('model')}>
            Whole model and run record
          </button>
          <button
            title="Half the size; for use elsewhere. Going on from it loses what the rounding takes."
            ?disabled=${!!why || this.exporting}
            @click=${() => this.#export('model-bf16')}
          >
            Whole model, 16 bits (BF16)
          </button>
          <button
            title="Half the size; for runtimes without BF16."
            ?disabled=${!!why || this.exporting}
            @click=${() => this.#export('model-f16')}
          >
            Whole model, 16 bits (F16)
          </button>
          <push-form ?disabled=${!!why || this.exporting}></push-form>
        </div>
      </details>
    `;
  }

  /** Step of the best evaluation's checkpoint where that can be had and is not the last one; else null. */
  #bestStep(): number | null {
    const { run, status } = this.#session.state;
    if (!run?.bestStep || run.bestStep >= run.checkpointStep || isActive(status)) return null;
    return run.bestStep;
  }

  #checkpointChoice() {
    const step = this.#bestStep();
    if (step === null) return nothing;
    const success = this.#session.state.evaluations.find(result => result.step === step)?.success;
    return html`
      <label class="small">
        <input
          type="checkbox"
          .checked=${this.best}
          @change=${(event: Event) => (this.best = (event.target as HTMLInputElement).checked)}
        />
        As it was at its best evaluation, step ${step}${success === undefined ? '' : ` (${percent(success)})`}
      </label>
    `;
  }

  async #export(kind: ExportKind): Promise<void> {
    const { session } = this.#session;
    this.exporting = true;
    await act(session, async () => {
      const run = session.state.run!;
      const step = (this.best ? this.#bestStep() : null) ?? run.checkpointStep;
      const { name, blob } = await session.exports.zip(run, kind, step);
      saveFile(name, blob);
      session.notify(
        'exported',
        `${name} (${bytes(blob.size)}) went to your downloads. Drop it on this page to go on from it.`,
      );
    });
    this.exporting = false;
    this.renderRoot.querySelector('details')?.removeAttribute('open');
  }

  static override styles = [
    shared,
    sheetStyles,
    css`
      .sheet {
        right: 0;
      }
      @media (max-width: 600px) {
        .button {
          padding: 0 var(--space-2);
        }
      }
    `,
  ];
}

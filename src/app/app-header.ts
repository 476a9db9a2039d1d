/** Name, device card, and what leaves the tab: a link, an adapter, a model. */
import { css, html, LitElement, nothing } from 'lit';
import { isActive } from '../session/state.ts';
import { toHash } from '../session/share-link.ts';
import type { ExportKind } from '../protocol.ts';
import { act } from './act.ts';
import { saveFile } from './save-file.ts';
import { bytes, count, number, percent } from './format.ts';
import { SessionController } from './session-controller.ts';
import { shared } from './styles.ts';
import { applyTheme, currentTheme, setTheme, type Theme } from './theme.ts';

/** Limits worth a line, with what they bound. */
const LIMITS: Record<string, string> = {
  maxBufferSize: 'largest buffer',
  maxStorageBufferBindingSize: 'largest storage binding',
  maxComputeWorkgroupStorageSize: 'workgroup memory',
  maxComputeInvocationsPerWorkgroup: 'threads a workgroup',
};

const THEMES: [Theme, string][] = [
  ['auto', 'System'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

export class AppHeader extends LitElement {
  static override properties = {
    copied: { state: true },
    exporting: { state: true },
    stored: { state: true },
    best: { state: true },
  };
  declare copied: boolean;
  declare exporting: boolean;
  declare stored: string;
  /** Whether the checkpoint of the best evaluation is exported, not the last. */
  declare best: boolean;

  readonly #session = new SessionController(this, [
    'device',
    'policy',
    'memory',
    'status',
    'run',
    'config',
    'runs',
    'models',
    'evaluations',
  ]);

  constructor() {
    super();
    this.copied = false;
    this.exporting = false;
    this.stored = '';
    this.best = false;
    applyTheme();
  }

  override render() {
    return html`
      <h1>Browser GRPO</h1>
      ${this.#deviceCard()}
      <nav aria-label="Share, export, theme">
        <button @click=${() => this.#share()}>${this.copied ? 'Link copied' : 'Share'}</button>
        ${this.#exportMenu()}
        <label class="theme">
          <span class="sr-only">Colours</span>
          <select @change=${(event: Event) => setTheme((event.target as HTMLSelectElement).value as Theme)}>
            ${THEMES.map(
              ([theme, label]) =>
                html`<option value=${theme} ?selected=${currentTheme() === theme}>${label}</option>`,
            )}
          </select>
        </label>
      </nav>
    `;
  }

  #deviceCard() {
    const { device, policy, memory, status } = this.#session.state;
    if (!device)
      return html`<span class="device muted"
        >${status === 'cannot' ? 'no device' : 'looking at the device…'}</span
      >`;
    const name = `${device.name}${device.software && device.backend === 'webgpu' ? ' (software)' : ''}`;
    return html`
      <details class="device" @toggle=${() => this.#measureStorage()}>
        <summary>
          <span class="dot ${device.notice ? 'warn' : ''}"></span>
          <span class="name">${name}</span>
          <span class="muted number"
            >·
            ${device.backend === 'webgpu' ? 'WebGPU' : 'wasm'}${memory > 0 ? ` · ${bytes(memory)}` : ''}</span
          >
        </summary>
        <div class="card sheet">
          <h2>${name}</h2>
          ${device.notice ? html`<p class="notice">${device.notice}</p>` : nothing}
          <dl>
            ${Object.entries(LIMITS).map(([key, label]) =>
              key in device.limits
                ? html`<dt>${label}</dt>
                    <dd>${key.endsWith('Size') ? bytes(device.limits[key]) : number(device.limits[key])}</dd>`
                : nothing,
            )}
            ${
              device.features.length
                ? html`<dt>features</dt>
                    <dd>${device.features.join(', ')}</dd>`
                : nothing
            }
            ${
              policy
                ? html`<dt>policy</dt>
                    <dd>
                      ${policy.family}, ${bytes(policy.parameters).replace(/B$/, '')} parameters,
                      ${count(policy.layers, 'layer')}, hidden size ${policy.hiddenSize}
                    </dd>
                    <dt>trained</dt>
                    <dd>${number(policy.trainableParameters)} parameters</dd>`
                : nothing
            }
            ${
              memory > 0
                ? html`<dt>GPU memory</dt>
                    <dd>${bytes(memory)} in the last step; WebGPU does not tell how much there is</dd>`
                : nothing
            }
            ${
              this.stored
                ? html`<dt>storage</dt>
                    <dd>${this.stored}</dd>`
                : nothing
            }
          </dl>
        </div>
      </details>
    `;
  }

  #exportMenu() {
    const { run, status } = this.#session.state;
    const moving = isActive(status) && status !== 'paused';
    const none = !run || run.checkpointStep < 0;
    const why = moving ? 'Pause or stop the run to export it.' : none ? 'Nothing has been trained yet.' : '';
    return html`
      <details class="export">
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
      const { name, blob } = await session.exportZip(run, kind, step);
      saveFile(name, blob);
      session.notify(
        'exported',
        `${name} (${bytes(blob.size)}) went to your downloads. Drop it on this page to go on from it.`,
      );
    });
    this.exporting = false;
    this.renderRoot.querySelector('.export')?.removeAttribute('open');
  }

  async #share(): Promise<void> {
    const { session, state } = this.#session;
    const address = location.href.replace(/#.*$/, '') + toHash(state.config, state.ownTasks);
    await act(session, async () => {
      await navigator.clipboard.writeText(address);
      this.copied = true;
      setTimeout(() => (this.copied = false), 2000);
    });
  }

  async #measureStorage(): Promise<void> {
    const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.()) ?? {};
    this.stored = quota ? `${bytes(usage)} used of ${bytes(quota)}` : '';
  }

  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-2) var(--space-4);
        padding: var(--space-3) 0 var(--space-1);
      }
      h1 {
        margin: 0;
        font-size: 17px;
        font-weight: 650;
        letter-spacing: -0.01em;
      }
      nav {
        display: flex;
        gap: var(--space-2);
        margin-left: auto;
      }
      .theme select {
        width: auto;
      }
      details {
        position: relative;
        min-width: 0;
      }
      summary {
        list-style: none;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      .device summary {
        display: flex;
        align-items: center;
        gap: 6px;
        min-height: 32px;
        white-space: nowrap;
      }
      .device .name {
        max-width: 46ch;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .dot {
        width: 8px;
        height: 8px;
        flex: none;
        border-radius: 50%;
        background: var(--good);
      }
      .dot.warn {
        background: var(--warn);
      }
      .sheet {
        position: absolute;
        z-index: 12;
        top: 100%;
        display: grid;
        gap: var(--space-2);
        width: max-content;
        max-width: min(420px, calc(100vw - 24px));
        box-shadow: 0 8px 28px rgb(0 0 0 / 18%);
      }
      .export .sheet {
        right: 0;
      }
      .notice {
        padding: var(--space-2) var(--space-3);
        border-radius: var(--radius-small);
        background: var(--warn-ground);
      }
      dl {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: var(--space-1) var(--space-4);
        margin: 0;
      }
      dt {
        color: var(--muted);
      }
      dd {
        margin: 0;
        overflow-wrap: anywhere;
        font-variant-numeric: tabular-nums;
      }
      @media (max-width: 600px) {
        .device {
          order: 3;
          width: 100%;
        }
        .device .name {
          min-width: 0;
        }
        nav {
          gap: var(--space-1);
        }
        .theme select {
          width: 76px;
        }
        nav button,
        nav .button {
          padding: 0 var(--space-2);
        }
      }
    `,
  ];
}

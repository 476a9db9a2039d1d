/** What the policy runs on: GPU or processor, its limits, what is in use. */
import { css, html, LitElement, nothing } from 'lit';
import { bytes, count, number } from './format.ts';
import { SessionController } from './session-controller.ts';
import { shared, sheetStyles } from './styles.ts';

/** Limits worth a line, with what they bound. */
const LIMITS: Record<string, string> = {
  maxBufferSize: 'largest buffer',
  maxStorageBufferBindingSize: 'largest storage binding',
  maxComputeWorkgroupStorageSize: 'workgroup memory',
  maxComputeInvocationsPerWorkgroup: 'threads a workgroup',
};

export class DeviceCard extends LitElement {
  static override properties = { stored: { state: true } };
  declare stored: string;

  readonly #session = new SessionController(this, ['device', 'policy', 'memory', 'status']);

  constructor() {
    super();
    this.stored = '';
  }

  override render() {
    const { device, policy, memory, status } = this.#session.state;
    if (!device)
      return html`<span class="muted">${status === 'cannot' ? 'no device' : 'looking at the device…'}</span>`;
    const name = `${device.name}${device.software && device.backend === 'webgpu' ? ' (software)' : ''}`;
    return html`
      <details @toggle=${() => this.#measureStorage()}>
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

  async #measureStorage(): Promise<void> {
    const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.()) ?? {};
    this.stored = quota ? `${bytes(usage)} used of ${bytes(quota)}` : '';
  }

  static override styles = [
    shared,
    sheetStyles,
    css`
      summary {
        display: flex;
        align-items: center;
        gap: 6px;
        min-height: 32px;
        white-space: nowrap;
      }
      .name {
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
        .name {
          min-width: 0;
        }
      }
    `,
  ];
}

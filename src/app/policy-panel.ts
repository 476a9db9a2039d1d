/** Which policy the next run starts from, and how one from outside comes in. */
import { css, html, LitElement, nothing } from 'lit';
import { importPolicy } from '../session/incoming.ts';
import { isActive } from '../session/state.ts';
import { act } from './act.ts';
import { filePicker } from './file-picker.ts';
import { bytes } from './format.ts';
import { remoteLabel } from './remote-model.ts';
import { SessionController } from './session-controller.ts';
import { shared } from './styles.ts';

export class PolicyPanel extends LitElement {
  readonly #session = new SessionController(this, ['config', 'models', 'downloaded', 'status']);

  override render() {
    const { session, state } = this.#session;
    const { config, models, downloaded, status } = state;
    const imported = models.find(entry => `import:${entry.id}` === config.model);
    const known = config.model === 'nano' || imported;
    const choose = (event: Event) =>
      session.configure({ ...config, model: (event.target as HTMLSelectElement).value });
    return html`
      <div class="card">
        <h2>Policy</h2>
        <select aria-label="Policy" ?disabled=${isActive(status)} @change=${choose}>
          <option value="nano" ?selected=${config.model === 'nano'}>Nano VL, built in</option>
          ${known ? nothing : html`<option value=${config.model} selected>${remoteLabel(config.model)}</option>`}
          ${downloaded
            .filter(({ model }) => model !== config.model)
            .map(({ model }) => html`<option value=${model}>${remoteLabel(model)}</option>`)}
          ${models.map(
            entry =>
              html`<option value="import:${entry.id}" ?selected=${entry === imported}>
                ${entry.name}${entry.kind === 'adapter' ? ' (adapter)' : ''}
              </option>`,
          )}
        </select>
        <p class="small muted">
          ${
            imported
              ? html`Imported ${new Date(imported.importedAt).toLocaleString()}, ${bytes(imported.bytes)}.
                  <button
                    class="plain small"
                    ?disabled=${isActive(status)}
                    @click=${() =>
                      act(session, async () => {
                        session.configure({ ...config, model: 'nano' });
                        await session.shelf.deleteModel(imported.id);
                      })}
                  >
                    Delete
                  </button>`
              : config.model === 'nano'
                ? 'A small LFM2-VL that sees the page and reads its structure. It comes with this site.'
                : nothing
          }
        </p>
        <div class="imports">
          ${this.#picker('Import a file…', false)} ${this.#picker('Import a folder…', true)}
        </div>
        <remote-model></remote-model>
        <label class="method">
          <span>Method</span>
          <select
            ?disabled=${isActive(status)}
            @change=${(event: Event) =>
              session.configure({
                ...config,
                method: (event.target as HTMLSelectElement).value as 'grpo' | 'sft',
              })}
          >
            <option value="grpo" ?selected=${config.method === 'grpo'}>GRPO: learn from rewards</option>
            <option value="sft" ?selected=${config.method === 'sft'}>Warm start: imitate solutions</option>
          </select>
        </label>
      </div>
    `;
  }

  #picker(label: string, folder: boolean) {
    const { session } = this.#session;
    return filePicker({
      label,
      testid: folder ? 'import-folder' : 'import-file',
      folder,
      multiple: !folder,
      take: files => act(session, () => importPolicy(session, files)),
    });
  }

  static override styles = [
    shared,
    css`
      .card {
        display: grid;
        gap: var(--space-2);
      }
      .imports {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2);
      }
      .imports button {
        min-height: 28px;
      }
      .method {
        display: grid;
        gap: var(--space-1);
        margin-top: var(--space-2);
      }
    `,
  ];
}

/** The main settings at hand, all others by group under one fold. Made from the configuration's own table. */
import { css, html, LitElement, nothing } from 'lit';
import { derived } from '../config/derived.ts';
import { changedFields } from '../config/diff.ts';
import { ConfigError } from '../config/errors.ts';
import { toYaml } from '../config/export.ts';
import { describeField, FIELD_PATHS, readField, withField, type FieldPath } from '../config/fields.ts';
import { readConfigFile } from '../config/import.ts';
import { checkField, contradictions } from '../config/validate.ts';
import { DEFAULT_CONFIG } from '../config.ts';
import { CodedError } from '../errors.ts';
import { repeatRun } from '../session/incoming.ts';
import { isActive } from '../session/state.ts';
import { isRunRecord, readRunRecord } from '../storage/export/run-record.ts';
import { count } from './format.ts';
import { saveFile } from './save-file.ts';
import { SessionController } from './session-controller.ts';
import type { SettingChange } from './setting-field.ts';
import { shared } from './styles.ts';

const MAIN: readonly FieldPath[] = ['max_steps', 'num_generations', 'learning_rate', 'seed'];
/** Set elsewhere on the page. */
const ELSEWHERE: readonly FieldPath[] = ['model', 'environment', 'tasks', 'method'];

export class SettingsPanel extends LitElement {
  static override properties = { problem: { state: true }, said: { state: true } };
  declare problem: { field: string; message: string } | null;
  /** What came of opening a file. */
  declare said: { bad: boolean; lines: string[] };

  readonly #session = new SessionController(this, ['config', 'status']);

  constructor() {
    super();
    this.problem = null;
    this.said = { bad: false, lines: [] };
  }

  override render() {
    const { session, state } = this.#session;
    const { config, status } = state;
    const rest = FIELD_PATHS.filter(path => !MAIN.includes(path) && !ELSEWHERE.includes(path));
    const groups = [...new Set(rest.map(path => describeField(path).group))];
    const changed = changedFields(DEFAULT_CONFIG, config).filter(path => rest.includes(path)).length;
    const { prompts_per_generation: groupsAStep, generation_batch_size: episodes } = derived(config);
    const clashes = contradictions(config);
    return html`
      <div class="card" @setting-change=${(event: CustomEvent<SettingChange>) => this.#change(event.detail)}>
        <h2>Settings</h2>
        <fieldset ?disabled=${isActive(status)}>
          <legend class="sr-only">Main settings</legend>
          ${MAIN.map(path => this.#field(path))}
        </fieldset>
        ${
          config.method === 'grpo'
            ? html`<p class="small muted">
                A step plays ${count(episodes, 'episode')}: ${count(groupsAStep, 'group')} of
                ${config.num_generations} tries from the same start.
              </p>`
            : nothing
        }
        ${clashes.map(({ message }) => html`<p class="small bad" role="alert">${message}</p>`)}
        <details>
          <summary>All settings${changed ? ` (${changed} changed)` : ''}</summary>
          <fieldset ?disabled=${isActive(status)}>
            ${groups.map(
              group => html`
                <h3>${group[0].toUpperCase() + group.slice(1)}</h3>
                ${rest.filter(path => describeField(path).group === group).map(path => this.#field(path))}
              `,
            )}
          </fieldset>
        </details>
        <button
          class="small"
          ?disabled=${isActive(status) || changedFields(DEFAULT_CONFIG, config).length === 0}
          @click=${() => session.configure({ ...structuredClone(DEFAULT_CONFIG), seed: config.seed })}
        >
          Back to defaults
        </button>
        <div class="row">
          <label class="small">
            Open a configuration (ours, TRL’s, PEFT’s; YAML or JSON) or a run.json
            <input
              type="file"
              accept=".yaml,.yml,.json"
              ?disabled=${isActive(status)}
              @change=${(event: Event) => this.#open(event.target as HTMLInputElement)}
            />
          </label>
          <button class="small" @click=${() => saveFile('run.yaml', new Blob([toYaml(config)]))}>
            Save as YAML
          </button>
        </div>
        ${this.said.lines.map(
          line => html`<p class="small ${this.said.bad ? 'bad' : 'muted'}" role="status">${line}</p>`,
        )}
      </div>
    `;
  }

  #field(path: FieldPath) {
    return html`<setting-field
      .path=${path}
      .value=${readField(this.#session.state.config, path)}
      .problem=${this.problem?.field === path ? this.problem.message : ''}
    ></setting-field>`;
  }

  /** Takes a whole file or nothing of it. */
  async #open(input: HTMLInputElement): Promise<void> {
    const file = input.files?.[0];
    if (!file) return;
    try {
      const text = await file.text();
      if (isRunRecord(text)) {
        repeatRun(this.#session.session, readRunRecord(file.name, text));
        this.said = { bad: false, lines: [] };
        return;
      }
      const { config, notes } = readConfigFile(text);
      this.#session.session.configure(config);
      const ignored = notes.length > 0 ? ` Ignored: ${notes.map(note => note.field).join(', ')}.` : '';
      this.said = { bad: false, lines: [`Settings are those of ${file.name}.${ignored}`] };
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      const lines =
        error instanceof ConfigError ? error.problems.map(({ message }) => message) : [error.message];
      this.said = { bad: true, lines };
    } finally {
      input.value = '';
    }
  }

  /** A value out of range is named beside its field and not taken. */
  #change({ path, value }: SettingChange): void {
    const { session, state } = this.#session;
    this.problem = checkField(path, value);
    if (!this.problem) session.configure(withField(state.config, path, value));
  }

  static override styles = [
    shared,
    css`
      .card,
      fieldset {
        display: grid;
        gap: var(--space-3);
      }
      fieldset {
        min-width: 0;
        margin: 0;
        padding: 0;
        border: 0;
      }
      details fieldset {
        max-height: min(70vh, 640px);
        margin: var(--space-3) calc(-1 * var(--space-2)) 0;
        padding: 2px var(--space-2);
        overflow-y: auto;
      }
      h3 {
        margin-top: var(--space-3);
        padding-top: var(--space-3);
        border-top: 1px solid var(--line);
      }
      .bad {
        color: var(--bad);
      }
    `,
  ];
}

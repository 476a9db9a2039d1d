/** One setting: its name as TRL has it, a control that fits its values, a sentence, its default. */
import { css, html, LitElement, nothing } from 'lit';
import { describeField, type FieldPath } from '../config/fields.ts';
import { shared } from './styles.ts';

export interface SettingChange {
  path: FieldPath;
  value: unknown;
}

/** Fires `setting-change`, bubbling, with what was entered; whoever owns the configuration checks it. */
export class SettingField extends LitElement {
  static override properties = { path: {}, value: {}, problem: {} };
  declare path: FieldPath;
  declare value: unknown;
  declare problem: string;

  constructor() {
    super();
    this.problem = '';
  }

  override render() {
    const { sentence, default: initial, type } = describeField(this.path);
    const changed = JSON.stringify(this.value) !== JSON.stringify(initial);
    const name = this.path.replace('observation.', '');
    return html`
      <label class=${type === 'boolean' ? 'inline' : ''} title=${sentence}>
        <span class="name mono ${changed ? 'changed' : ''}">${name}</span>
        ${this.#control()}
      </label>
      <p class="small muted">${sentence} Default: ${written(initial)}.</p>
      ${this.problem ? html`<p class="small problem" role="alert">${this.problem}</p>` : nothing}
    `;
  }

  #control() {
    const { type, options } = describeField(this.path);
    const { value } = this;
    if (type === 'boolean')
      return html`<input
        type="checkbox"
        .checked=${value === true}
        @change=${(event: Event) => this.#send((event.target as HTMLInputElement).checked)}
      />`;
    if (type === 'choice')
      return html`<select @change=${(event: Event) => this.#send((event.target as HTMLSelectElement).value)}>
        ${options?.map(option => html`<option ?selected=${option === value}>${option}</option>`)}
      </select>`;
    return html`<input
      type="text"
      inputmode=${type === 'integer' ? 'numeric' : type === 'number' ? 'decimal' : 'text'}
      placeholder="none"
      .value=${value === null ? '' : written(value)}
      @change=${(event: Event) => this.#send(this.#parse((event.target as HTMLInputElement).value.trim()))}
    />`;
  }

  #parse(text: string): unknown {
    const { type, nullable } = describeField(this.path);
    if (text === '' && nullable) return null;
    const items = text.split(',').map(item => item.trim());
    const number = (part: string) => (part !== '' && Number.isFinite(Number(part)) ? Number(part) : part);
    if (type === 'integer' || type === 'number') return number(text);
    if (type === 'numbers') return items.map(number);
    // A list of names, unless it can only be a pattern.
    if (type === 'texts') return /[\\^$*+?()[\]{}|]/.test(text) ? text : items;
    return type === 'choices' ? items : text;
  }

  #send(value: unknown): void {
    const detail: SettingChange = { path: this.path, value };
    this.dispatchEvent(new CustomEvent('setting-change', { detail, bubbles: true, composed: true }));
  }

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: 2px;
      }
      label {
        display: grid;
        grid-template-columns: minmax(0, 1fr) 108px;
        align-items: center;
        gap: var(--space-2);
      }
      label.inline {
        grid-template-columns: minmax(0, 1fr) auto;
      }
      .name {
        overflow-wrap: anywhere;
      }
      .changed {
        color: var(--accent);
        font-weight: 600;
      }
      p {
        font-size: 11.5px;
        line-height: 1.35;
      }
      .problem {
        color: var(--bad);
      }
    `,
  ];
}

function written(value: unknown): string {
  if (value === null) return 'none';
  return Array.isArray(value) ? value.join(', ') : String(value);
}

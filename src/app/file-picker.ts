/** A button that asks the person for files or for a folder. */
import { html } from 'lit';
import { pickedFiles } from './dropped-files.ts';

export interface FilePicker {
  label: string;
  /** Of the input, for tests. */
  testid: string;
  /** A folder with all that is in it, instead of files. */
  folder: boolean;
  multiple?: boolean;
  /** Endings of the files that are offered; all by default. */
  accept?: string;
  disabled?: boolean;
  /** Is given the files by path; at least one. */
  take(files: Map<string, File>): unknown;
}

export function filePicker({ label, testid, folder, multiple, accept, disabled, take }: FilePicker) {
  const picked = (event: Event) => {
    const input = event.target as HTMLInputElement;
    const files = pickedFiles(input.files!);
    // The same file again is a change too.
    input.value = '';
    if (files.size > 0) take(files);
  };
  return html`
    <button
      class="small"
      ?disabled=${disabled}
      @click=${(event: Event) => ((event.currentTarget as HTMLElement).nextElementSibling as HTMLInputElement).click()}
    >
      ${label}
    </button>
    <input
      type="file"
      hidden
      aria-label=${label}
      data-testid=${testid}
      accept=${accept ?? ''}
      ?multiple=${multiple}
      ?webkitdirectory=${folder}
      @change=${picked}
    />
  `;
}

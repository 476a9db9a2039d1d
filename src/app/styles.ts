/** Styles that more than one element needs; each takes them into its shadow root. */
import { css } from 'lit';

/** Box model, headings, buttons, inputs, tables of numbers. */
export const shared = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  h2,
  h3,
  p {
    margin: 0;
  }
  h2 {
    font-size: 15px;
    font-weight: 600;
  }
  h3 {
    font-size: 13px;
    font-weight: 600;
  }
  .muted {
    color: var(--muted);
  }
  .small {
    font-size: 12px;
  }
  .number {
    font-variant-numeric: tabular-nums;
  }
  .mono {
    font-family: var(--mono);
    font-size: 12px;
  }
  .card {
    background: var(--surface);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    padding: var(--space-4);
  }
  button,
  select,
  input {
    font: inherit;
    color: inherit;
  }
  button,
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: var(--space-2);
    min-height: 32px;
    padding: 0 var(--space-3);
    border: 1px solid var(--line);
    border-radius: var(--radius-small);
    background: var(--surface);
    cursor: pointer;
    white-space: nowrap;
  }
  button:hover:not(:disabled),
  .button:hover {
    background: var(--sunken);
  }
  button:disabled {
    opacity: 0.45;
    cursor: default;
  }
  button.primary {
    background: var(--accent);
    border-color: var(--accent);
    color: var(--on-accent);
    font-weight: 600;
  }
  button.primary:hover:not(:disabled) {
    background: color-mix(in oklab, var(--accent) 88%, black);
  }
  button.plain {
    border-color: transparent;
    background: none;
    padding: 0 var(--space-2);
  }
  button.plain:hover:not(:disabled) {
    background: var(--sunken);
  }
  select,
  input:not([type='checkbox'], [type='file']) {
    width: 100%;
    min-height: 32px;
    padding: 0 var(--space-2);
    border: 1px solid var(--line);
    border-radius: var(--radius-small);
    background: var(--surface);
  }
  input[type='checkbox'] {
    width: 16px;
    height: 16px;
    margin: 0;
    accent-color: var(--accent);
  }
  :is(button, select, input, summary, a, [tabindex]):focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }
  a {
    color: var(--accent);
  }
  summary {
    cursor: pointer;
  }
  .sr-only {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;

/** A dialog of a header, columns that wrap on a narrow screen, and a footer. Its width is the user's own rule. */
export const dialogStyles = css`
  dialog {
    max-height: 94vh;
    padding: var(--space-4);
    overflow: auto;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--surface);
    color: inherit;
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 45%);
  }
  header,
  footer {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--space-2);
  }
  header {
    justify-content: space-between;
  }
  footer {
    justify-content: flex-end;
    margin-top: var(--space-3);
  }
  .columns {
    display: flex;
    flex-wrap: wrap;
    gap: var(--space-4);
    margin-top: var(--space-3);
  }
`;

/** A details element whose content hangs below its summary as a sheet. */
export const sheetStyles = css`
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
`;

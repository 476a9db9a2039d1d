/** Form submission: a sandbox without `allow-forms` blocks it before the page hears of it, so the agent tells the page itself. */

/** requestSubmit() and submit() by the page's scripts. Must run before any of them. */
export function installForms(): void {
  HTMLFormElement.prototype.requestSubmit = function (this: HTMLFormElement, submitter?: HTMLElement | null) {
    submitForm(this, submitter ?? null);
  };
  // Would load another document, which is where the episode of a sandboxed page ends in any case.
  HTMLFormElement.prototype.submit = () => undefined;
}

/** Turns a click on a submit button into its form's submission. Must run after each document.open(). */
export function submitOnClick(): void {
  window.addEventListener('click', event => {
    if (event.defaultPrevented || !(event.target instanceof Element)) return;
    const button = event.target.closest<HTMLButtonElement | HTMLInputElement>('button, input');
    if (!button?.form || button.disabled || (button.type !== 'submit' && button.type !== 'image')) return;
    event.preventDefault();
    submitForm(button.form, button);
  });
}

/** Validates as the browser would, then fires `submit`; the navigation that would follow does not happen. */
function submitForm(form: HTMLFormElement, submitter: HTMLElement | null): void {
  const unchecked = form.noValidate || submitter?.hasAttribute('formnovalidate') === true;
  if (!unchecked && !form.checkValidity()) return;
  form.dispatchEvent(new SubmitEvent('submit', { bubbles: true, cancelable: true, submitter }));
}

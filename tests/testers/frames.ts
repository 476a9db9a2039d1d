/**
 * What runs beside Vitest in its own page, which gives every test file a frame. It leaves those of finished files in
 * place, with all that they hold, until the run ends: dozens of backends and their memory.
 */

/** Runs in Vitest's page as text, so it may name nothing outside itself. */
export function tendTesters(): void {
  const TRIES = 3;
  const tries = new WeakMap<HTMLIFrameElement, number>();

  /** A frame that shows the browser's own error page cannot be read. */
  function arrived(frame: HTMLIFrameElement): boolean {
    try {
      return frame.contentWindow?.location.href === frame.src;
    } catch {
      return false;
    }
  }

  document.addEventListener(
    'load',
    event => {
      const frame = event.target;
      if (!(frame instanceof HTMLIFrameElement) || !frame.dataset.vitest) return;
      if (arrived(frame)) {
        // Files run one after another, so that whatever was there before this one has ended.
        for (const other of document.querySelectorAll('iframe[data-vitest]'))
          if (other !== frame) other.remove();
        return;
      }
      // A connection that broke on the way is no fault of the file: without this the whole run ends.
      const tried = (tries.get(frame) ?? 0) + 1;
      if (tried > TRIES) return;
      tries.set(frame, tried);
      event.stopImmediatePropagation();
      const address = frame.src;
      setTimeout(() => (frame.src = address), 500 * tried);
    },
    true,
  );
}

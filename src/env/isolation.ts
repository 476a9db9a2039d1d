/** What keeps a task's page from the network: the policy of its document, and that of the page around it for where frames may go. */

/**
 * Of the empty document that a frame begins with. It holds for whatever is written into it: scripts and styles in the text
 * itself, and data: and blob: addresses, which is how bundled pages bring their files along; nothing else.
 */
export const FRAME_POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'unsafe-eval' data: blob:",
  "style-src 'unsafe-inline' data: blob:",
  'img-src data: blob:',
  'font-src data: blob:',
  'media-src data: blob:',
  'connect-src data: blob:',

  "worker-src 'none'",
  "form-action 'none'",
  "base-uri 'none'",
].join('; ');

/**
 * A document's own policy does not govern where it goes next; that of the page around it does. Frames with a text of their own
 * (`srcdoc`) stay possible. An added policy can only forbid more than the page did.
 */
const HOST_POLICY = "frame-src 'none'";

const held = new WeakSet<Document>();

/** Keeps the frames of `page` from going to any address. */
export function holdFrames(page: Document): void {
  if (held.has(page)) return;
  held.add(page);
  const meta = page.createElement('meta');
  meta.httpEquiv = 'Content-Security-Policy';
  meta.content = HOST_POLICY;
  page.head.append(meta);
}

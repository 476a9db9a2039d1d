/**
 * What a page could reach the network by that its Content-Security-Policy does not forbid (Chromium 156): a peer connection,
 * and a frame of its own, whose window would have one again.
 */

const FRAMES = 'iframe, frame, object, embed, fencedframe';
/** Its plain value could be written over by the page. */
const frameCount = Object.getOwnPropertyDescriptor(window, 'length')!.get!.bind(window) as () => number;

/** Must run before any script of the page. */
export function sealWindow(): void {
  for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection']) Reflect.deleteProperty(window, name);
  const { attachShadow } = Element.prototype;
  Element.prototype.attachShadow = function (this: Element, init: ShadowRootInit) {
    const root = attachShadow.call(this, init);
    watcher.observe(root, { childList: true, subtree: true });
    return root;
  };
  // Markup can bring a closed shadow root along, in which nobody could look for frames.
  for (const { prototype } of [Document, Element, ShadowRoot])
    for (const name of Object.getOwnPropertyNames(prototype))
      if (name.endsWith('HTMLUnsafe')) Reflect.deleteProperty(prototype, name);
  Reflect.deleteProperty(Document, 'parseHTMLUnsafe');
  for (const name of ['write', 'writeln'] as const) {
    const real = Document.prototype[name];
    Document.prototype[name] = function (this: Document, ...text: string[]) {
      real.apply(this, text.map(withoutShadowRoots));
    };
  }
}

/** Must run after each document.open(). */
export function forbidFrames(): void {
  watcher.observe(document, { childList: true, subtree: true });
}

/** Markup in which `<template shadowrootmode>` is a plain template. */
function withoutShadowRoots(html: string): string {
  return String(html).replace(/shadowrootmode/gi, 'data-$&');
}

/**
 * A new frame is empty and of another origin until the next task of the event loop; this runs before that. Frames in the
 * document count in `window.length`, so that a page without any costs nothing; those in shadow trees do not.
 */
const watcher = new MutationObserver(records => {
  const roots = new Set<Document | ShadowRoot>();
  for (const { target } of records) {
    const root = target.getRootNode();
    if (root instanceof ShadowRoot || (root === document && frameCount() > 0))
      roots.add(root as Document | ShadowRoot);
  }
  for (const root of roots) for (const frame of root.querySelectorAll(FRAMES)) frame.remove();
});

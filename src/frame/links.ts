/** Links of a page that lives in a srcdoc: their base is the host page's address, where they must not lead. */

/** Makes `href` of a fragment link resolve against the frame's own address, as on a served page. Before page scripts. */
export function installLinks(): void {
  const href = Object.getOwnPropertyDescriptor(HTMLAnchorElement.prototype, 'href')!;
  Object.defineProperty(HTMLAnchorElement.prototype, 'href', {
    ...href,
    get(this: HTMLAnchorElement): string {
      const written = this.getAttribute('href')?.trim();
      if (written?.startsWith('#')) return location.href.split('#')[0] + written;
      return href.get!.call(this) as string;
    },
  });
}

/** Follows fragments, and nothing else: the episode ends with the page. Must run after each document.open(). */
export function keepLinksInside(): void {
  window.addEventListener('click', event => {
    const link = event.target instanceof Element ? event.target.closest('a[href], area[href]') : null;
    const written = link?.getAttribute('href')?.trim();
    if (event.defaultPrevented || written === undefined || written.startsWith('javascript:')) return;
    event.preventDefault();
    if (written.startsWith('#')) location.hash = written;
  });
}

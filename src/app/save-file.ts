/** Hands a file to the browser's downloads. */

/** ms after which the address may go: browsers read it after the click returns. */
const GRACE = 60_000;

export function saveFile(name: string, blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), GRACE);
}

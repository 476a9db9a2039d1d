/**
 * Pixels of the task area, made inside the frame: a copy of the document in an SVG foreignObject, drawn as an image from a
 * `data:` URL (a `blob:` URL would taint the canvas in Chromium), read back from a canvas.
 */
import { noteAddress } from './addresses.ts';
import { copyDocument } from './copy.ts';
import { FrameError } from './frame-error.ts';
import type { Picture } from './protocol.ts';

/** CSS pixels of MiniWoB's task area. */
export const TASK_WIDTH = 160;
export const TASK_HEIGHT = 210;

let canvas: OffscreenCanvas | null = null;
/** What the last screenshot was drawn from, and its name. */
let last = '';
let lastName = '';

/**
 * The top left 160 × 210 CSS pixels, or the name of the picture when it is the one of the call before or among `known`: drawing
 * and sending it is most of what a step costs.
 *
 * @throws {FrameError} `screenshot-failed`: an observation without sight would teach that the page is black.
 */
export async function screenshot(scale: number, known: readonly string[]): Promise<Picture | string> {
  const width = Math.round(TASK_WIDTH * scale);
  const height = Math.round(TASK_HEIGHT * scale);
  const source = svgOf(width, height, scale);
  if (source === last) return lastName;
  const name = nameOf(source);
  if (known.includes(name)) return name;
  const { buffer } = await rasterize(source, width, height);
  last = source;
  lastName = name;
  return { name, width, height, data: buffer };
}

/** Its length and 64 bits of two FNV-1a walks: pictures are shared among episodes of one start, and nothing else rests on it. */
function nameOf(source: string): string {
  let [a, b] = [0x811c9dc5, 0x9747b28c];
  for (let i = 0; i < source.length; i++) {
    const code = source.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code ^ (b >>> 15), 0x85ebca6b);
  }
  return `${source.length}:${(a >>> 0).toString(16)}:${(b >>> 0).toString(16)}`;
}

/** The next screenshot is drawn and sent whatever it looks like. */
export function forgetScreenshot(): void {
  last = '';
}

function svgOf(width: number, height: number, scale: number): string {
  const viewBox = `0 0 ${width / scale} ${height / scale}`;
  // The page's own rules for svg elements must not reach this one.
  const plain = `all:initial;width:${width}px;height:${height}px`;
  // The copy is laid out in the frame's own viewport, so that percentages and absolute positions fall where they are.
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${viewBox}" style="${plain}">` +
    `<foreignObject x="0" y="0" width="${window.innerWidth}" height="${window.innerHeight}">${copyDocument()}</foreignObject></svg>`
  );
}

/** What an address would cut off, drop or decode; the browser encodes the rest, faster. */
const NOT_IN_ADDRESS = /[%#\t\n\r]/g;

async function rasterize(source: string, width: number, height: number): Promise<ImageDataArray> {
  const image = new Image(width, height);
  const address = 'data:image/svg+xml;charset=utf-8,' + source.replace(NOT_IN_ADDRESS, encodeURIComponent);
  noteAddress(address.length);
  await new Promise<void>((resolve, reject) => {
    image.onload = () => resolve();
    image.onerror = () =>
      reject(
        new FrameError(
          'screenshot-failed',
          'The browser could not draw the copy of the page; its markup is not well-formed.',
        ),
      );
    image.src = address;
  });
  if (canvas?.width !== width || canvas.height !== height) canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new FrameError('screenshot-failed', 'The frame has no 2d canvas.');
  context.clearRect(0, 0, width, height);
  context.drawImage(image, 0, 0, width, height);
  return context.getImageData(0, 0, width, height).data;
}

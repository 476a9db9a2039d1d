/** BrowserGym's overlay_som: the set of marks drawn over a screenshot. */
import type { ElementProperties } from '../frame/protocol.ts';

/** Image pixels, as in BrowserGym. */
const DASH = 4;
const GAP = 8;
const LINE = 2;
const FONT = 12;
const MARGIN = 3;
/** Smaller boxes, in square pixels of the image, get no mark. */
const LEAST_AREA = 20;

/**
 * @param pixels  RGBA.
 * @param scale  CSS pixels to image pixels.
 * @returns the image with a dashed box and a tag with the bid for each element of the set of marks. The digits are the browser's,
 *   not those of Pillow's font; all else is drawn where Pillow does.
 * @see BrowserGym browsergym/utils/obs.py, overlay_som
 */
export function overlaySom(
  pixels: Uint8ClampedArray<ArrayBuffer>,
  width: number,
  height: number,
  elements: readonly ElementProperties[],
  scale: number,
): Uint8ClampedArray<ArrayBuffer> {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.putImageData(new ImageData(pixels, width, height), 0, 0);
  for (const { setOfMarks, box, bid } of elements) {
    if (!setOfMarks || !box) continue;
    const [x, y, w, h] = box.map(side => side * scale) as [number, number, number, number];
    if (w * h < LEAST_AREA) continue;
    dashedBox(context, x, y, x + w, y + h);
    tag(context, bid, x, y);
  }
  return context.getImageData(0, 0, width, height).data;
}

type Context = OffscreenCanvasRenderingContext2D;

function dashedBox(context: Context, x0: number, y0: number, x1: number, y1: number): void {
  context.fillStyle = 'black';
  dashes(x1 - x0, (from, to) => horizontal(context, x0 + from, x0 + to, y0));
  dashes(y1 - y0, (from, to) => vertical(context, x1, y0 + from, y0 + to));
  dashes(x1 - x0, (from, to) => horizontal(context, x1 - to, x1 - from, y1));
  dashes(y1 - y0, (from, to) => vertical(context, x0, y1 - to, y1 - from));
}

function dashes(length: number, draw: (from: number, to: number) => void): void {
  for (let at = 0; at < length; at += DASH + GAP) draw(at, Math.min(at + DASH, length));
}

/** Pillow draws both ends of a line, and one of two pixels before where it is. */
function horizontal(context: Context, from: number, to: number, y: number): void {
  const [left, right] = [Math.round(from), Math.round(to)];
  context.fillRect(left, Math.round(y) - LINE / 2, right - left + 1, LINE);
}

function vertical(context: Context, x: number, from: number, to: number): void {
  const [top, bottom] = [Math.round(from), Math.round(to)];
  context.fillRect(Math.round(x) - LINE / 2, top, LINE, bottom - top + 1);
}

function tag(context: Context, bid: string, x: number, y: number): void {
  context.font = `${FONT}px sans-serif`;
  context.textBaseline = 'alphabetic';
  const { actualBoundingBoxAscent, actualBoundingBoxDescent, width } = context.measureText(bid);
  const ascent = Math.round(actualBoundingBoxAscent);
  const inner = { width: Math.round(width), height: ascent + Math.round(actualBoundingBoxDescent) };
  const size = { width: inner.width + 2 * MARGIN, height: inner.height + 2 * MARGIN };
  const left = Math.round(x);
  const top = Math.round(y - size.height / 2 + 4);
  context.fillStyle = 'white';
  context.fillRect(left, top, size.width, size.height);
  context.fillStyle = 'black';
  context.fillRect(left + 1, top + 1, size.width - 2, size.height - 2);
  context.fillStyle = 'white';
  context.fillText(bid, left + MARGIN, top + MARGIN + ascent);
}

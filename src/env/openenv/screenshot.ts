/** A screenshot as an OpenEnv server sends it, as the pixels that a frame of ours would have given. */
import type { Pixels } from '../../protocol.ts';
import { EnvironmentError } from '../errors.ts';

/** CSS pixels of the task's area in MiniWoB, at the top left of the viewport. */
const AREA = { width: 160, height: 210 };
/** Pixels along one side. */
const MAX_SIDE = 4096;

/**
 * @param rows  [height][width][3] whole numbers from 0 to 255.
 * @returns RGBA.
 * @throws {EnvironmentError} `bad-message`
 */
export function pixelsOf(rows: readonly unknown[]): Pixels & { data: Uint8ClampedArray<ArrayBuffer> } {
  const height = rows.length;
  const width = Array.isArray(rows[0]) ? rows[0].length : 0;
  if (width < 1 || width > MAX_SIDE || height > MAX_SIDE) throw bad(`is ${width} × ${height} pixels`);
  const data = new Uint8ClampedArray(width * height * 4);
  let at = 0;
  for (const row of rows) {
    if (!Array.isArray(row) || row.length !== width) throw bad('has rows of different lengths');
    for (const pixel of row as unknown[]) {
      if (!Array.isArray(pixel) || pixel.length !== 3 || !pixel.every(Number.isInteger))
        throw bad('has a pixel that is not three whole numbers');
      data.set(pixel as number[], at);
      data[at + 3] = 255;
      at += 4;
    }
  }
  return { width, height, channels: 4, data };
}

/**
 * The task's area at scale 1, cut out of a screenshot of MiniWoB. BrowserGym takes it at device scale 1.5, older servers at
 * another one: it is read off the instruction's bar, whose one colour runs over the area's whole width at the top.
 */
export function taskArea(screen: Pixels & { data: Uint8ClampedArray<ArrayBuffer> }): Pixels {
  const scale = barWidth(screen) / AREA.width;
  const canvas = new OffscreenCanvas(AREA.width, AREA.height);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  const whole = new OffscreenCanvas(screen.width, screen.height);
  whole.getContext('2d')!.putImageData(new ImageData(screen.data, screen.width, screen.height), 0, 0);
  context.imageSmoothingQuality = 'high';
  context.drawImage(whole, 0, 0, AREA.width * scale, AREA.height * scale, 0, 0, AREA.width, AREA.height);
  const { data } = context.getImageData(0, 0, AREA.width, AREA.height);
  return { ...AREA, channels: 4, data };
}

/** Pixels at the start of the first row that are all of its first one's colour; what scale 1.5 makes of it where that is no bar. */
function barWidth({ width, height, data }: Pixels): number {
  let run = 1;
  while (run < width && [0, 1, 2].every(channel => data[run * 4 + channel] === data[channel])) run++;
  const fits = run >= AREA.width && run < width && (run / AREA.width) * AREA.height <= height;
  return fits ? run : Math.min(AREA.width * 1.5, width);
}

function bad(what: string): EnvironmentError {
  return new EnvironmentError('bad-message', {
    message: `A screenshot of the OpenEnv server ${what}. The episode is dropped.`,
  });
}

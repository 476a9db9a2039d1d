/** Reads a folder of reference cases: a model folder with what another implementation computed from it. */
import type { ChatMessage, Pixels } from '../policy.ts';
import { SafetensorsFile } from '../safetensors/read.ts';

/** Files by path relative to the folder. */
export type Files = Map<string, Blob>;

export interface ReferenceCase {
  name: string;
  messages: ChatMessage[];
  rendered: string;
  images: Pixels[];
  tensors: SafetensorsFile;
}

export async function readCases(files: Files): Promise<ReferenceCase[]> {
  const entries = JSON.parse(await file(files, 'cases.json').text()) as {
    messages: ChatMessage[];
    rendered: string;
    image_sizes_wh: number[][];
  }[];
  return Promise.all(
    entries.map(async ({ messages, rendered, image_sizes_wh: sizes }, index) => {
      const path = `case_${index}/tensors.safetensors`;
      const images = sizes.map((_, image) => readPixels(file(files, `case_${index}/image_${image}.png`)));
      return {
        name: `case ${index}`,
        messages,
        rendered,
        images: await Promise.all(images),
        tensors: await SafetensorsFile.open(file(files, path), path),
      };
    }),
  );
}

export function file(files: Files, path: string): Blob {
  const blob = files.get(path);
  if (!blob) throw new Error(`${path} is missing from the folder of reference cases`);
  return blob;
}

/** The very bytes of an opaque PNG: no colour conversion, no premultiplication. */
export async function readPixels(png: Blob): Promise<Pixels> {
  const bitmap = await createImageBitmap(png, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return { width, height, channels: 4, data: context.getImageData(0, 0, width, height).data };
}

/** Largest absolute difference; Infinity when sizes differ, NaN when a value is one. */
export function maxError(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  if (ours.length !== theirs.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < ours.length; i++) {
    const error = Math.abs(ours[i] - theirs[i]);
    if (!(error <= worst)) worst = error;
  }
  return worst;
}

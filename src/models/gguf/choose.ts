/** Which files of a folder are a GGUF model: the text file that was named or is the only one, and its vision part. */
import { ModelFormatError } from '../errors.ts';
import type { FileSource } from '../file-source.ts';
import { GgufFolder } from './folder.ts';

const isVisionPart = (path: string): boolean => /(^|\/)mmproj[^/]*\.gguf$/i.test(path);

/** GGUF files of language models among `paths`. */
export function textParts(paths: readonly string[]): string[] {
  return paths.filter(path => path.endsWith('.gguf') && !isVisionPart(path));
}

/** The mmproj file beside a GGUF: the one of the same precision, else the most precise. */
export function visionPart(paths: readonly string[], gguf: string): string | undefined {
  const folder = gguf.slice(0, gguf.lastIndexOf('/') + 1);
  const parts = paths.filter(path => isVisionPart(path) && path.startsWith(folder));
  const own = /[-_.](q\d\w*|bf16|f16|f32)\.gguf$/i.exec(gguf)?.[1].toLowerCase();
  for (const kind of [own, 'f32', 'bf16', 'f16', 'q8_0']) {
    const match = kind && parts.find(path => path.toLowerCase().endsWith(`${kind}.gguf`));
    if (match) return match;
  }
  return parts[0];
}

/**
 * The folder as a GGUF model when it is one: it has GGUF files and no config.json.
 * @throws {ModelFormatError} model-ambiguous when it has several
 */
export async function asGguf(source: FileSource): Promise<GgufFolder | null> {
  const names = source.names();
  if (!names || names.includes('config.json')) return null;
  const texts = textParts(names);
  if (texts.length === 0) return null;
  if (texts.length > 1)
    throw new ModelFormatError('model-ambiguous', {
      message: `${source.label} has ${texts.length} GGUF models: ${texts.join(', ')}. Choose one, with its mmproj file if it is to see images.`,
    });
  return GgufFolder.open(source, texts[0], visionPart(names, texts[0]));
}

/** Which files of a repository loading reads: a repository also holds pictures, other formats and other sizes. */
import { SourceError } from './errors.ts';

/** Beside the weights. */
export const TEXTS = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'chat_template.jinja',
  'chat_template.json',
  'processor_config.json',
  'preprocessor_config.json',
  'adapter_config.json',
  'adapter_model.safetensors',
];

export const SINGLE = 'model.safetensors';
export const INDEX = 'model.safetensors.index.json';
/** The index and the shards that it lists. */
const SHARD = /^model(\.safetensors\.index\.json|-\d+-of-\d+\.safetensors)$/;

/**
 * @param gguf  a GGUF file by name; then it and the vision part beside it are all that is read
 * @throws {SourceError} model-ambiguous, file-missing
 */
export function neededFiles<F extends { path: string }>(files: readonly F[], gguf?: string): F[] {
  const paths = files.map(({ path }) => path);
  if (gguf !== undefined) {
    if (!paths.includes(gguf))
      throw new SourceError('file-missing', {
        message: `There is no ${gguf} in the repository. It has: ${ggufsOf(paths).join(', ') || 'no .gguf file'}.`,
      });
    const vision = visionPart(paths, gguf);
    return files.filter(({ path }) => path === gguf || path === vision);
  }
  if (
    !paths.some(path => path === 'config.json' || path === 'adapter_config.json') &&
    ggufsOf(paths).length > 0
  )
    throw new SourceError('model-ambiguous', {
      message: `The repository holds GGUF files; say which one, as owner/name/FILE. It has: ${ggufsOf(paths).join(', ')}.`,
    });
  const single = paths.includes(SINGLE);
  return files.filter(({ path }) => TEXTS.includes(path) || (single ? path === SINGLE : SHARD.test(path)));
}

const isVisionPart = (path: string): boolean => /(^|\/)mmproj[^/]*\.gguf$/i.test(path);

function ggufsOf(paths: readonly string[]): string[] {
  return paths.filter(path => path.endsWith('.gguf') && !isVisionPart(path));
}

/** The mmproj file beside a GGUF: the one of the same precision, else the most precise. */
export function visionPart(paths: readonly string[], gguf: string): string | undefined {
  const folder = gguf.slice(0, gguf.lastIndexOf('/') + 1);
  const parts = paths.filter(path => isVisionPart(path) && path.startsWith(folder));
  const kinds = [
    /[-_.](q\d\w*|bf16|f16|f32)\.gguf$/i.exec(gguf)?.[1].toLowerCase() ?? '',
    'f32',
    'bf16',
    'f16',
    'q8_0',
  ];
  for (const kind of kinds) {
    const match = kind && parts.find(path => path.toLowerCase().includes(`${kind}.gguf`));
    if (match) return match;
  }
  return parts[0];
}

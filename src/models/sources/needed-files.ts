/** Which files of a repository loading reads: a repository also holds pictures, other formats and other sizes. */
import { textParts, visionPart } from '../gguf/choose.ts';
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
  'video_preprocessor_config.json',
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
        message: `There is no ${gguf} in the repository. It has: ${textParts(paths).join(', ') || 'no .gguf file'}.`,
      });
    const vision = visionPart(paths, gguf);
    return files.filter(({ path }) => path === gguf || path === vision);
  }
  if (
    !paths.some(path => path === 'config.json' || path === 'adapter_config.json') &&
    textParts(paths).length > 0
  )
    throw new SourceError('model-ambiguous', {
      message: `The repository holds GGUF files; say which one, as owner/name/FILE. It has: ${textParts(paths).join(', ')}.`,
    });
  const single = paths.includes(SINGLE);
  return files.filter(({ path }) => TEXTS.includes(path) || (single ? path === SINGLE : SHARD.test(path)));
}

/** From screenshots to patches: Qwen3-VL's image processor. */
import { ConfigReader, MANY } from '../config-reader.ts';
import { ModelInputError } from '../errors.ts';
import type { ModelFolder } from '../folder.ts';
import { cutPatches, toRgb } from '../images/pixels.ts';
import { resizeImage } from '../images/resize.ts';
import { readScaling, type PixelScaling } from '../images/scaling.ts';
import type { ImagePatches, Pixels } from '../policy.ts';
import { roundHalfEven } from '../safetensors/dtype.ts';
import type { Filter } from '../images/resampling.ts';

export interface QwenImageConfig extends PixelScaling {
  patchSize: number;
  mergeSize: number;
  minPixels: number;
  maxPixels: number;
  filter: Filter;
}

/** @throws {ModelFormatError} file-missing, config-invalid */
export async function readQwenImageConfig(folder: ModelFolder): Promise<QwenImageConfig> {
  const processor = await folder.findJson('processor_config.json');
  if (processor?.image_processor)
    return parse(new ConfigReader(processor, 'processor_config.json').section('image_processor'));
  return parse(new ConfigReader(await folder.json('preprocessor_config.json'), 'preprocessor_config.json'));
}

function parse(config: ConfigReader): QwenImageConfig {
  const size = config.section('size');
  const minPixels = config.has('min_pixels')
    ? config.count('min_pixels', undefined, 2 ** 30)
    : size.count('shortest_edge', 65_536, 2 ** 30);
  const maxPixels = config.has('max_pixels')
    ? config.count('max_pixels', undefined, 2 ** 30)
    : size.count('longest_edge', 16_777_216, 2 ** 30);
  if (maxPixels < minPixels)
    config.fail(['max_pixels', 'size.longest_edge'], maxPixels, `at least ${minPixels}`);
  return {
    patchSize: config.count('patch_size', 16, MANY),
    mergeSize: config.count('merge_size', 2, MANY),
    minPixels,
    maxPixels,
    ...readScaling(config, 3),
  };
}

/** Sides beyond this ratio are refused, as by transformers. */
const MAX_RATIO = 200;

/**
 * The nearest size in multiples of patchSize · mergeSize with between min and max pixels.
 * @throws {ModelInputError} image-invalid
 * @see transformers qwen2_vl smart_resize; Python's round goes half to even
 */
export function qwenSize(
  { width, height }: { width: number; height: number },
  { patchSize, mergeSize, minPixels, maxPixels }: QwenImageConfig,
): { width: number; height: number } {
  if (Math.max(width, height) > MAX_RATIO * Math.min(width, height))
    throw new ModelInputError('image-invalid', {
      message: `An image of ${width}×${height} is too narrow: Qwen3-VL takes sides of at most ${MAX_RATIO} to 1.`,
    });
  const factor = patchSize * mergeSize;
  const scaled = (fit: (length: number) => number): { width: number; height: number } => ({
    width: fit(width / factor) * factor,
    height: fit(height / factor) * factor,
  });
  const nearest = scaled(roundHalfEven);
  if (nearest.width * nearest.height > maxPixels) {
    const shrink = Math.sqrt((height * width) / maxPixels);
    return {
      width: Math.max(factor, Math.floor(width / shrink / factor) * factor),
      height: Math.max(factor, Math.floor(height / shrink / factor) * factor),
    };
  }
  if (nearest.width * nearest.height < minPixels) {
    const grow = Math.sqrt(minPixels / (height * width));
    return {
      width: Math.ceil((width * grow) / factor) * factor,
      height: Math.ceil((height * grow) / factor) * factor,
    };
  }
  return nearest;
}

/** @throws {ModelInputError} image-invalid */
export function qwenPatches(image: Pixels, config: QwenImageConfig): ImagePatches {
  const source = { width: image.width, height: image.height, data: toRgb(image) };
  const size = qwenSize(image, config);
  const { data } = resizeImage(source, size.width, size.height, config.filter);
  return cutPatches(data, size, config.patchSize);
}

/** Settings of LFM2-VL's image processor, from processor_config.json or the older preprocessor_config.json. */
import { ConfigReader, MANY } from '../config-reader.ts';
import type { ModelFolder } from '../folder.ts';
import type { Filter } from '../images/resampling.ts';
import { readScaling, type PixelScaling } from '../images/scaling.ts';

export interface ImageConfig extends PixelScaling {
  patchSize: number;
  downsampleFactor: number;
  minImageTokens: number;
  maxImageTokens: number;
  split: boolean;
  tileSize: number;
  minTiles: number;
  maxTiles: number;
  maxPixelsTolerance: number;
  useThumbnail: boolean;
  filter: Filter;
}

/** @throws {ModelFormatError} file-missing, config-invalid */
export async function readImageConfig(folder: ModelFolder): Promise<ImageConfig> {
  const processor = await folder.findJson('processor_config.json');
  if (processor?.image_processor)
    return parseImageConfig(new ConfigReader(processor, 'processor_config.json').section('image_processor'));
  const older = await folder.findJson('preprocessor_config.json');
  if (older) return parseImageConfig(new ConfigReader(older, 'preprocessor_config.json'));
  return parseImageConfig(
    new ConfigReader(await folder.json('processor_config.json'), 'processor_config.json'),
  );
}

function parseImageConfig(config: ConfigReader): ImageConfig {
  const minTiles = config.count('min_tiles', 2, MANY);
  const maxTiles = config.count('max_tiles', 10, MANY);
  const split = config.boolean('do_image_splitting', true) && !(minTiles === 1 && maxTiles === 1);
  const patchSize = config.count('encoder_patch_size', 16, MANY);
  const downsampleFactor = config.count('downsample_factor', 2, MANY);
  const tileSize = config.count('tile_size', 512);
  if (split && minTiles > maxTiles) config.fail('min_tiles', minTiles, `at most max_tiles (${maxTiles})`);
  const token = patchSize * downsampleFactor;
  if (split && tileSize % token)
    config.fail('tile_size', tileSize, `a multiple of encoder_patch_size · downsample_factor (${token})`);
  return {
    patchSize,
    downsampleFactor,
    minImageTokens: config.count('min_image_tokens', 64),
    maxImageTokens: config.count('max_image_tokens', 256),
    split,
    tileSize,
    minTiles,
    maxTiles,
    maxPixelsTolerance: config.number('max_pixels_tolerance', 2),
    useThumbnail: config.boolean('use_thumbnail', true),
    ...readScaling(config, 2),
  };
}

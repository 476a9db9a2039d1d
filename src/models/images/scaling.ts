/** How a processor resizes images and turns bytes into values. */
import type { ConfigReader } from '../config-reader.ts';
import type { Filter } from './resampling.ts';

/** value = byte · scale[channel] + offset[channel] */
export interface PixelScaling {
  scale: number[];
  offset: number[];
}

/** PIL's numbers for its filters. */
const FILTERS: Readonly<Record<number, Filter>> = { 2: 'bilinear', 3: 'bicubic' };

/**
 * resample, rescale_factor, image_mean and image_std of a processor.
 * @param resample  when the file does not say
 * @throws {ModelFormatError} config-invalid
 */
export function readScaling(config: ConfigReader, resample: 2 | 3): PixelScaling & { filter: Filter } {
  const number = config.number('resample', resample);
  const filter = FILTERS[number];
  if (!filter) config.fail('resample', number, '2 (bilinear) or 3 (bicubic)');
  const rescale = config.boolean('do_rescale', true) ? config.number('rescale_factor', 1 / 255) : 1;
  const normalize = config.boolean('do_normalize', true);
  const channels = (key: string, fallback: number): number[] => {
    const values = config.numbers(key, [fallback, fallback, fallback]);
    const isScale = key === 'image_std';
    if (values.length !== 3 || !values.every(value => Number.isFinite(value) && (!isScale || value > 0)))
      config.fail(key, values, `three ${isScale ? 'positive ' : ''}numbers`);
    return values;
  };
  const mean = normalize ? channels('image_mean', 0.5) : [0, 0, 0];
  const std = normalize ? channels('image_std', 0.5) : [1, 1, 1];
  return {
    filter,
    scale: std.map(value => rescale / value),
    offset: mean.map((value, channel) => -value / std[channel]),
  };
}

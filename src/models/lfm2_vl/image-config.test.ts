import { expect, test } from 'vitest';
import { ModelFolder } from '../folder.ts';
import { readImageConfig, type ImageConfig } from './image-config.ts';

const read = (settings: object): Promise<ImageConfig> =>
  readImageConfig(
    new ModelFolder({
      files: new Map([['processor_config.json', new Blob([JSON.stringify({ image_processor: settings })])]]),
    }),
  );

test('tiles that are no whole tokens do no harm to a processor that does not split', async () => {
  const settings = { encoder_patch_size: 14, downsample_factor: 2, tile_size: 512 };
  await expect(read(settings)).rejects.toThrow(/tile_size is 512; it must be a multiple of .* \(28\)/);
  expect(await read({ ...settings, do_image_splitting: false })).toMatchObject({ split: false });
});

test('a smallest number of tiles above the largest is refused, where images are split', async () => {
  await expect(read({ min_tiles: 5, max_tiles: 4 })).rejects.toMatchObject({ code: 'config-invalid' });
  expect(await read({ min_tiles: 5, max_tiles: 4, do_image_splitting: false })).toMatchObject({
    split: false,
  });
});

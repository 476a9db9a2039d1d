import { expect, test } from 'vitest';
import { imageTokens, layoutImage, smartResize } from './layout.ts';
import type { ImageConfig } from './image-config.ts';

/** The shipped processor's settings. */
const CONFIG: ImageConfig = {
  patchSize: 16,
  downsampleFactor: 2,
  minImageTokens: 64,
  maxImageTokens: 256,
  split: true,
  tileSize: 512,
  minTiles: 2,
  maxTiles: 10,
  maxPixelsTolerance: 2,
  useThumbnail: true,
  filter: 'bilinear',
  scale: [1, 1, 1],
  offset: [0, 0, 0],
};

test.each([
  [160, 210, 224, 320, 70],
  [320, 420, 320, 416, 130],
  [512, 512, 512, 512, 256],
  [256, 256, 256, 256, 64],
  [224, 224, 256, 256, 64],
  [400, 300, 384, 288, 108],
  [500, 320, 512, 320, 160],
  [640, 480, 576, 416, 234],
  [800, 600, 576, 416, 234],
])('a screenshot of %i×%i becomes %i×%i: %i image tokens', (width, height, w, h, tokens) => {
  const layout = layoutImage({ width, height }, CONFIG);
  expect(layout).toEqual({ whole: { width: w, height: h } });
  expect(imageTokens(layout.whole, CONFIG)).toBe(tokens);
});

test.each([
  [1024, 768, 3, 2, 576, 416],
  [1280, 720, 2, 1, 672, 384],
  [1920, 1080, 4, 2, 672, 384],
])(
  'a screenshot of %i×%i becomes %i×%i tiles and a thumbnail of %i×%i',
  (width, height, columns, rows, w, h) => {
    expect(layoutImage({ width, height }, CONFIG)).toEqual({
      grid: { columns, rows },
      whole: { width: w, height: h },
    });
  },
);

test('with splitting off a large screenshot keeps to the most image tokens', () => {
  const { whole, grid } = layoutImage({ width: 1920, height: 1080 }, { ...CONFIG, split: false });
  expect(grid).toBeUndefined();
  expect(imageTokens(whole, CONFIG)).toBe(252);
});

test('halves round to even, as Python does', () => {
  const free = { ...CONFIG, minImageTokens: 1 };
  expect(smartResize({ width: 80, height: 112 }, free)).toEqual({ width: 64, height: 128 });
});

test('with at least 32 image tokens the task area is 160×224', () => {
  const size = smartResize({ width: 160, height: 210 }, { ...CONFIG, minImageTokens: 32 });
  expect(size).toEqual({ width: 160, height: 224 });
  expect(imageTokens(size, CONFIG)).toBe(35);
});

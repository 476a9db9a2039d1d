import { expect, test } from 'vitest';
import cases from '../../../tests/fixtures/torch_resize.json';
import { resizeImage } from './resize.ts';

/** Made with torchvision 0.29.2: v2.functional.resize with antialias of random RGB images, up, down, far down, and along one axis only. */
const bytes = (base64: string): Uint8Array => Uint8Array.from(atob(base64), char => char.charCodeAt(0));

test.each(cases)('$filter $from_wh to $to_wh gives the very bytes that torchvision gives', sample => {
  const [width, height] = sample.from_wh;
  const resized = resizeImage(
    { width, height, data: bytes(sample.source) },
    sample.to_wh[0],
    sample.to_wh[1],
    sample.filter as 'bilinear' | 'bicubic',
  );
  expect(resized.data).toEqual(bytes(sample.resized));
});

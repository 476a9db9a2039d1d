import { expect, test } from 'vitest';
import { expectClose } from './testing.ts';

test('both backends start and differentiate in a worker, where there is no DOM', async () => {
  const worker = new Worker(new URL('./worker-probe.ts', import.meta.url), { type: 'module' });
  const ask = (choice: string): Promise<{ backend: string; gradient: number[] }> =>
    new Promise((resolve, reject) => {
      worker.onmessage = event => resolve(event.data as { backend: string; gradient: number[] });
      worker.onerror = event => reject(new Error(event.message));
      worker.postMessage(choice);
    });
  // r = 1/√12.5; dx = r - x · r³ / 2 · 7.
  const r = 1 / Math.sqrt(12.5);
  const expected = [3, 4].map(x => r - ((x * r ** 3) / 2) * 7);
  for (const choice of ['wasm', 'webgpu']) {
    const answer = await ask(choice);
    expect(answer).toMatchObject({ backend: choice });
    expectClose(answer.gradient, expected, 1e-6);
  }
  worker.terminate();
});

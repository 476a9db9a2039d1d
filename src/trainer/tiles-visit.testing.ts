/** A worker of the tests that stands for one visit to the page: what it recalls, and what it measures. */
import { gpuBackend, savedTiles, startBackend, tilesKey } from '../gpu/index.ts';
import { chooseTile } from '../gpu/ops/matmul/record-tile.ts';
import { improveTiles, recallTiles } from './tiles.ts';

export interface Visit {
  key: string | null;
  recalled: boolean;
  atFirst: string;
  atLast: string;
  warnings: string[];
}

addEventListener('message', (event: MessageEvent<'stay' | 'look'>) => {
  void visit(event.data === 'stay').then(
    answer => postMessage(answer),
    (error: unknown) => postMessage({ error: String(error) }),
  );
});

/** @param stays  long enough to be measured */
async function visit(stays: boolean): Promise<Visit> {
  await startBackend('webgpu');
  const gpu = gpuBackend()!;
  // As on a card; SwiftShader is measured here for the test's sake.
  gpu.gpu.software = false;
  const recalled = await recallTiles();
  const atFirst = savedTiles();
  const [a, b, out] = [gpu.alloc([60, 32]), gpu.alloc([100, 32]), gpu.alloc([60, 100])];
  const operands = { a: { data: [a], along: false }, b: { data: [b], along: false } };
  for (let i = 0; i < 8; i++) chooseTile(gpu, { M: 60, N: 100, K: 32, ...operands, out });
  const warnings: string[] = [];
  if (stays) await improveTiles(error => warnings.push(error.message));
  return { key: tilesKey(), recalled, atFirst, atLast: savedTiles(), warnings };
}

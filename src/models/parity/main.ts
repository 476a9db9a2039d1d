/** The page behind `npm run parity`: hands folders to a worker, as the real page does with its policy. */
import type { ParityReply } from './report.ts';

/** A worker of its own for each call, so that no run sees what another left behind. */
globalThis.compareFolderAt = request =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<ParityReply>) => {
      worker.terminate();
      resolve(data);
    };
    worker.onerror = event => reject(new Error(`the worker failed to start: ${event.message}`));
    worker.postMessage(request);
  });

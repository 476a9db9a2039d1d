/** Fetches a folder's files and compares the policy in it with the reference cases beside it. */
import { toErrorInfo } from '../../errors.ts';
import { startBackend } from '../../gpu/start.ts';
import { exportForPython } from './exported.ts';
import { compareFolder } from './run.ts';
import type { ParityReply, ParityRequest } from './report.ts';

async function compare({ base, paths, backend, weights, exported }: ParityRequest): Promise<ParityReply> {
  try {
    await startBackend(backend);
    const files = new Map<string, Blob>();
    for (const path of paths) {
      const response = await fetch(base + path.split('/').map(encodeURIComponent).join('/'));
      if (!response.ok) throw new Error(`${path}: ${response.status}`);
      files.set(path, await response.blob());
    }
    const rows = await compareFolder(files, weights);
    return { rows, exported: exported ? await exportForPython(files) : {} };
  } catch (error) {
    return { error: toErrorInfo(error) };
  }
}

addEventListener('message', ({ data }: MessageEvent<ParityRequest>) => {
  void compare(data).then(reply => postMessage(reply));
});

/** Opens the pool of task frames for one run, in the page's element for them. */
import type { RunConfig } from '../config.ts';
import { FramePool } from '../env/index.ts';

/** A pool of `config.frames` frames inside `container`; `dispose` removes them. */
export async function openFrames(container: HTMLElement, config: RunConfig): Promise<FramePool> {
  return new FramePool({ container, frames: config.frames, config });
}

/** The environment: tasks in sandboxed frames, driven by BrowserGym's actions. */
export { benchEnvironment, soakEnvironment, type EnvironmentBench } from './bench.ts';
export { type EnvironmentConfig } from './episode.ts';
export { EnvironmentError } from './errors.ts';
export { FramePool, type FramePoolOptions } from './frame-pool.ts';

/** The environment: tasks in sandboxed frames, driven by BrowserGym's actions. */
export { benchEnvironment, soakEnvironment, type EnvironmentBench } from './bench.ts';
export { playPage } from './play-page.ts';
export type { PageEpisode, PlayedPage, PlayedStep } from './page-episode.ts';
export { bundlePage, PagesError, type ReadFile, type TaskPage } from './pages/bundle.ts';
export { fetchPageFiles } from './pages/address.ts';
export { looksLikePages, pageOfFolder, readPageFolder, type PageFiles } from './pages/folder.ts';
export { lookAtServer, OpenEnvPool } from './openenv/pool.ts';
export { type EnvironmentConfig } from './episode.ts';
export { EnvironmentError } from './errors.ts';
export { registeredPage } from './registered-page.ts';
export type { LocatedElement } from '../frame/protocol.ts';
export { FramePool, type FramePoolOptions } from './frame-pool.ts';

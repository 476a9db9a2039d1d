/** What a recipe is made on: the GPU if there is one, and as many browsers at once as the cores allow. */
import { availableParallelism, totalmem } from 'node:os';
import type { RunConfig } from '../../src/config.ts';
import type { DeviceInfo } from '../../src/protocol.ts';
import type { BrowserChoice } from '../browser-choice.ts';
import { GPU_ARGS, SOFTWARE_GPU_ARGS } from '../chromium.ts';
import { openPage, type ServedPage } from '../served-page.ts';
import { deviceOf } from './acts.ts';

export interface Machine {
  backend: 'webgpu' | 'wasm';
  /** For the card. */
  device: string;
  /** Browsers that play side by side. */
  browsers: number;
  /** What learns and what is scored runs in. */
  learning: BrowserChoice;
  /** What demonstrations are collected in: no policy plays there, so no GPU is needed. */
  playing: BrowserChoice;
  /** Frames of a page in which a policy or the oracles play. */
  frames: number;
  /** Megabytes of activations that a micro-batch may take; null for what suits most devices. */
  activationMemory: number | null;
}

export interface MachineChoice {
  browser: BrowserChoice;
  backend: RunConfig['backend'];
  browsers?: number;
  activationMemory?: number;
}

/** Cores and memory that a browser with eight frames keeps busy (26 of them on 64 cores, H200 machine, 2026-11-28). */
const CORES_EACH = 2.4;
const BYTES_EACH = 2 ** 31;

/** How many browsers collect side by side where nobody says. */
export function browsersFor(cores: number, memory: number): number {
  return Math.max(1, Math.floor(Math.min(cores / CORES_EACH, memory / BYTES_EACH)));
}

/** Looks for the GPU. A software adapter is none: the processor does the same sooner by WebAssembly. */
export async function chooseMachine({ browser, backend, ...choice }: MachineChoice): Promise<Machine> {
  const cores = availableParallelism();
  const onGpu = { ...browser, args: browser.args ?? GPU_ARGS };
  const device = backend === 'wasm' ? null : await inPage(onGpu, page => deviceOf(page, backend));
  const gpu = device?.backend === 'webgpu' && (!device.software || backend === 'webgpu') ? device : null;
  return {
    backend: gpu ? 'webgpu' : 'wasm',
    device: `${gpu ? nameOf(gpu) : 'the processor (wasm)'}, ${cores} cores`,
    browsers: choice.browsers ?? browsersFor(cores, totalmem()),
    learning: gpu ? onGpu : browser,
    playing: { ...browser, args: [...(browser.args ?? SOFTWARE_GPU_ARGS), '--disable-gpu'] },
    frames: Math.min(32, Math.max(8, cores)),
    activationMemory: choice.activationMemory ?? null,
  };
}

function nameOf({ name, software }: DeviceInfo): string {
  return `${name} (webgpu${software ? ', software' : ''})`;
}

/** A page of the built site for `act` alone. */
export async function inPage<T>(browser: BrowserChoice, act: (page: ServedPage) => Promise<T>): Promise<T> {
  const served = await openPage(browser, { reuseBuild: true });
  try {
    await served.page.waitForFunction(() => window.browserGrpo !== undefined);
    return await act(served);
  } finally {
    await served.close();
  }
}

/** What stands behind `window.browserGrpo`: the session of the page, driven by a script. */
import type { RunConfig } from '../config.ts';
import { validateConfig } from '../config/validate.ts';
import { benchEnvironment, playPage, soakEnvironment } from '../env/index.ts';
import { toErrorInfo } from '../errors.ts';
import type { ExportKind, RunEvent } from '../protocol.ts';
import { readModelFolder } from '../storage/export/folder.ts';
import { fromBase64, toBase64 } from './base64.ts';
import type { Base64Files, BrowserGrpo, HeadlessEvent, HeadlessOptions } from './headless.ts';
import { resolveModel, type ResolvedModel } from './model-source.ts';
import type { Session } from './session.ts';

async function exported(session: Session, kind: ExportKind): Promise<Base64Files> {
  const { run } = session.state;
  if (!run) throw new Error('No run was started.');
  const files = await session.exports.files(run, kind);
  return Object.fromEntries([...files].map(([path, bytes]) => [path, toBase64(bytes)]));
}

function takeTasks(session: Session, { ownTasks, ownTaskFiles }: HeadlessOptions): void {
  session.ownTasks.take(ownTasks ?? []);
  session.ownTasks.takeFiles(ownTaskFiles ?? []);
}

/** @param frames  the element that holds the task frames, for benchmarks, which run without a session. */
export function headlessDriver(session: Session, frames: HTMLElement): BrowserGrpo {
  return {
    start: (config, options = {}) =>
      spoken(async () => {
        const whole = validateConfig(config);
        takeTasks(session, options);
        session.configure(whole);
        const { initialize, demonstrations, collections, endAfter } = options;
        const model = await modelOf(whole, options);
        return session.train({ model, initialize, demonstrations, collections, endAfter });
      }),
    onEvent: callback => session.onEvent(event => callback(asJson(event))),
    stop: () => spoken(() => session.stop()),
    evaluate: (config, options) =>
      spoken(async () => {
        const whole = validateConfig(config);
        takeTasks(session, options);
        const { episodes, sampled, policy } = options;
        const model = await modelOf(whole, options);
        return session.evaluate(
          whole,
          { episodes, sampled, policy },
          { model, initialize: options.initialize },
        );
      }),
    exportFiles: kind => spoken(() => exported(session, kind)),
    collection: () => spoken(async () => toBase64(await session.exports.collection())),
    snapshot: kind =>
      spoken(async () => {
        const paused = new Promise<void>(resolve => {
          const off = session.onEvent(event => {
            if (event.kind !== 'phase' || event.phase !== 'paused') return;
            off();
            resolve();
          });
        });
        await session.pause();
        await paused;
        try {
          return await exported(session, kind);
        } finally {
          await session.resume();
        }
      }),
    importPages: (name, files) =>
      spoken(() => {
        const entries = Object.entries(files);
        return session.pages.import(
          new Map(entries.map(([path, text]) => [`${name}/${path}`, new Blob([fromBase64(text)])])),
        );
      }),
    device: backend =>
      spoken(async () => {
        session.configure({ ...session.state.config, backend });
        await session.checkDevice();
        const { device, error } = session.state;
        if (!device) throw new Error(`${error?.code}: ${error?.message}`);
        return device;
      }),
    bench: (_kind, { episodes, ...options } = {}) =>
      spoken(async () => {
        const {
          tasks: _,
          atOnce,
          ...numbers
        } = await benchEnvironment({ container: frames, rounds: episodes, ...options });
        const together = Object.entries(atOnce).map(([name, value]) => [`atOnce_${name}`, value]);
        return { ...numbers, ...Object.fromEntries(together) };
      }),
    playPage: request => spoken(() => playPage(frames, request)),
    soak: options =>
      spoken(() =>
        soakEnvironment({ container: frames, ...options }, async played => window.reportPlayed?.(played)),
      ),
  };
}

async function modelOf(config: RunConfig, options: HeadlessOptions): Promise<ResolvedModel | undefined> {
  if (!options.modelFiles) return undefined;
  const files = new Map(
    Object.entries(options.modelFiles).map(([path, text]) => [path, new Blob([fromBase64(text)])]),
  );
  // Without weights there is nothing that a folder's check could hold against it but their absence.
  if (options.initialize) return { model: { files } };
  const folder = await readModelFolder('The model folder', files);
  if (folder.kind === 'model') return { model: { files: folder.files } };
  return { ...(await resolveModel(config.model)), adapter: { files: folder.files } };
}

/** Playwright carries an error's message across, and nothing else of it. */
async function spoken<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const { code, message, stack } = toErrorInfo(error);
    const spelled = new Error(`${code}: ${message}`, { cause: error });
    if (stack) spelled.stack = stack;
    throw spelled;
  }
}

function asJson(event: RunEvent): HeadlessEvent {
  if (event.kind !== 'episode') return event;
  const turns = event.episode.turns.map(turn => ({ ...turn, screenshot: undefined }));
  return { ...event, episode: { ...event.episode, turns } };
}

/** One whole episode on a page given as text, for comparing our environment with BrowserGym: what `npm run env` asks for. */
import { DEFAULT_CONFIG } from '../config.ts';
import type { Pixels, StepResult } from '../protocol.ts';
import { EnvironmentError } from './errors.ts';
import { FramePool } from './frame-pool.ts';
import type { PageEpisode, PlayedPage } from './page-episode.ts';
import { randomActions } from './random-actions.ts';
import { SandboxedFrame, VIEWPORT } from './sandboxed-frame.ts';
import { wobSeed } from './seed.ts';
import { structuralSimilarity } from './similarity.ts';

/** As for MiniWoB in BrowserGym. */
const SCALE = 1.5;

/** An empty frame that stays: with the last frame their process would end, and the next one would have to start it again. */
let keeper: SandboxedFrame | null = null;

/** @param container  in the document; gets the frame and loses it again. */
export async function playPage(container: HTMLElement, request: PageEpisode): Promise<PlayedPage> {
  const { observation } = DEFAULT_CONFIG;
  // In view: the browser takes its time with the size of a frame that nobody sees.
  container.style.cssText = 'position:fixed;left:0;top:0;z-index:1';
  keeper ??= new SandboxedFrame(container);
  const pool = new FramePool({
    container,
    frames: 1,
    scale: SCALE,
    pageOf: () => request.page,
    episode: { seedOf: request.inPage ? seed => seed : wobSeed, elements: true },
    config: {
      action_set: 'all',
      multiaction: false,
      retry_with_force: false,
      observation: {
        ...observation,
        use_screenshot: request.screen !== undefined,
        use_html: request.html === true,
        skip_generic: true,
      },
    },
  });
  // BrowserGym words the goals of some tasks itself; what was recorded by an in-page seed has the page's own words.
  const task = request.inPage ? 'page' : request.task;
  const played: PlayedPage = {
    goal: '',
    html: '',
    steps: [],
    elements: [],
    similarity: null,
    failure: '',
    framesLeft: 0,
  };
  const note = (result: StepResult) => {
    const { axtree, focusedBid, lastActionError } = result.observation;
    const { reward, rawReward, done } = result;
    played.steps.push({ axtree, focused: focusedBid, error: lastActionError, reward, raw: rawReward, done });
    return result;
  };
  try {
    let last = note(await pool.reset(0, task, request.seed));
    played.goal = last.observation.goal;
    played.html = last.observation.html;
    played.elements = last.observation.elements ?? [];
    if (request.screen !== undefined && last.observation.screenshot)
      played.similarity = await compareScreens(last.observation.screenshot, request.screen);
    await toWindow(pool, request.window);
    for (const action of request.actions) {
      last = note(await pool.step(0, action));
      await toWindow(pool, request.window);
    }
    const draw = randomActions(request.seed);
    for (let i = 0; i < (request.random ?? 0); i++)
      last = note(await pool.step(0, draw(last.observation.elements ?? [])));
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    played.failure = `${error.code}: ${error.message}`;
  } finally {
    pool.dispose();
  }
  played.framesLeft = container.querySelectorAll('iframe').length - 1;
  return played;
}

/** What taking a screenshot does to the page in such a browser: the whole viewport for a moment, and the window's again. */
async function toWindow(pool: FramePool, window: PageEpisode['window']): Promise<void> {
  if (!window || !(await pool.resize(0, window))) return;
  // Only a scrolled page can tell.
  await pool.resize(0, VIEWPORT);
  await pool.resize(0, window);
}

async function compareScreens(ours: Pixels, png: string): Promise<number> {
  const bytes = Uint8Array.from(atob(png), character => character.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  const { data, width, height } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  return structuralSimilarity(
    { width: ours.width, height: ours.height, data: ours.data },
    { width, height, data },
  );
}

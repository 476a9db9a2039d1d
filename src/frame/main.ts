/**
 * The agent inside a sandboxed frame: first to run in it, then deaf to all but the host's port. The host's `load` request
 * carries the page, which is written into this document, so that the agent's hooks are in place before any page script.
 */
import { ORACLES } from '../tasks/oracles.ts';
import { Actions } from './actions.ts';
import { VirtualClock } from './clock.ts';
import { collectSoon, collectThoroughly } from './collect.ts';
import { fixFocus, hideNativeFocus, installFocus } from './focus.ts';
import { installSelect } from './editing.ts';
import { installForms, submitOnClick } from './forms.ts';
import { ActionError, FrameError } from './frame-error.ts';
import { watchListeners } from './listeners.ts';
import { locate } from './locate.ts';
import { bidOf } from './marking.ts';
import { observe, unseen } from './observe.ts';
import { episodeStatus, startEpisode } from './page.ts';
import type {
  FrameHello,
  FrameNotice,
  FrameReply,
  FrameRequest,
  FrameState,
  Look,
  ObserveOptions,
} from './protocol.ts';
import { flushScroll, installScroll } from './scroll.ts';
import { installLinks, keepLinksInside } from './links.ts';
import { imagesReady, installImages, provideImages } from './images.ts';
import { findPictures, notePictures } from './late-pictures.ts';
import { layoutReady, sizeReady } from './layout-ready.ts';
import { loadPage } from './load.ts';
import { noteGlobals, renewWindow } from './renew.ts';
import { forbidFrames, sealWindow } from './seal.ts';
import { fixScrollbars } from './styles.ts';
import { warmUp } from './warm-up.ts';
import { settleAnimations } from './animations.ts';

/** Virtual ms that pass after each action, as BrowserGym waits before it observes. */
const SETTLE_MS = 500;

const clock = new VirtualClock();
let actions = new Actions(clock);
let pages = 0;
let task = '';
let goal = '';

watchListeners();
clock.install();
installFocus();
installScroll();
installSelect();
installLinks();
installImages();
installForms();
sealWindow();
noteGlobals();

/** To the host; nobody listens before it says hello. */
let send: (message: FrameReply, transfer?: Transferable[]) => void = () => undefined;

async function answer(
  request: Exclude<FrameRequest, { type: 'ping' }>,
): Promise<{ reply: FrameReply; transfer: Transferable[] }> {
  const { id } = request;
  switch (request.type) {
    case 'load': {
      if (pages++ > 0) renew();
      task = request.task;
      provideImages(request.images);
      await loadPage(request.html, () => {
        hideNativeFocus();
        fixScrollbars();
        keepLinksInside();
        submitOnClick();
        forbidFrames();
        window.addEventListener('pagehide', () => send({ id: 0, type: 'left' }));
      });
      findPictures();
      await layoutReady();
      return { reply: { id, type: 'loaded' }, transfer: [] };
    }
    case 'reset': {
      goal = await startEpisode(clock, task, request.wobSeed, request.episodeMaxTime);
      await settle();
      return state(id, request.observe, '');
    }
    case 'act': {
      let error = '';
      await layoutReady();
      try {
        for (const call of request.calls) await actions.run(call, { retryWithForce: request.retryWithForce });
      } catch (thrown) {
        if (!(thrown instanceof ActionError)) throw thrown;
        error = thrown.toString();
      }
      await settle();
      return state(id, request.observe, error, request.look);
    }
    case 'resize':
      await sizeReady(request);
      return { reply: { id, type: 'resized', scrolled: window.scrollY > 0 }, transfer: [] };
    case 'observe':
      return state(id, request.observe, '');
    case 'oracle':
      return { reply: { id, type: 'oracle', action: askOracle() }, transfer: [] };
    case 'locate':
      return { reply: { id, type: 'located', element: locate(request.x, request.y) }, transfer: [] };
  }
}

function renew(): void {
  clock.restart();
  actions = new Actions(clock);
  renewWindow();
}

async function settle(): Promise<void> {
  flushScroll();
  await clock.advance(SETTLE_MS);
  flushScroll();
  settleAnimations(clock.now);
  await imagesReady();
  notePictures();
  fixFocus();
}

async function state(id: number, options: ObserveOptions, actionError: string, look: Look = 'always') {
  const { done, left } = episodeStatus();
  const looks = look === 'always' || (look === 'unless-over' && !done && !left);
  const seen = looks ? await observe(goal, options) : unseen(goal);
  const full: FrameState = { ...seen, seen: looks, ...episodeStatus(), actionError };
  const reply: FrameReply = { id, type: 'state', state: full };
  const { screenshot } = seen.observation;
  return { reply, transfer: screenshot ? [screenshot.data] : [] };
}

function askOracle(): string {
  if (episodeStatus().done) return '';
  const oracle = ORACLES[task];
  if (!oracle) throw new FrameError('no-oracle', `The task ${task} has no scripted oracle.`);
  // The page stands as it was when it was observed last, so its marks hold.
  return oracle({ document, goal, bid: bidOf });
}

/** What the page might replace later is taken now. */
const dataOf = Object.getOwnPropertyDescriptor(MessageEvent.prototype, 'data')!.get!;
const apply = Reflect.apply;

async function listen(port: MessagePort): Promise<void> {
  const post = port.postMessage.bind(port) as (message: FrameReply, transfer: Transferable[]) => void;
  send = (message, transfer = []) => post(message, transfer);
  let last: Promise<unknown> = Promise.resolve();
  const handle = async (request: Exclude<FrameRequest, { type: 'ping' }>) => {
    try {
      const { reply, transfer } = await answer(request);
      send(reply, transfer);
    } catch (error) {
      const code = error instanceof FrameError ? error.code : 'frame-failed';
      const message = String(error instanceof Error ? error.message : error);
      send({ id: request.id, type: 'failed', code, message });
    }
  };
  port.onmessage = event => {
    const request = apply(dataOf, event, []) as FrameRequest | FrameNotice;
    if (request.type === 'collect') collectSoon();
    else if (request.type === 'collect-thoroughly') collectThoroughly();
    else if (request.type === 'ping') send({ id: request.id, type: 'pong' });
    else last = last.then(() => handle(request));
  };
  await warmUp(clock);
  send({ id: 0, type: 'ready' });
}

window.addEventListener('message', function hello(event) {
  const message = event.data as FrameHello | undefined;
  if (event.source !== window.parent || message?.type !== 'browser-grpo:hello' || !event.ports[0]) return;
  event.stopImmediatePropagation();
  window.removeEventListener('message', hello);
  void listen(event.ports[0]);
});

// Kept out of the page's sight: bids count elements, and a task's own scripts start with the document as they know it.
document.currentScript?.remove();

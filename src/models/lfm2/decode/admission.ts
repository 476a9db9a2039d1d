/** Which waiting sequences join the batch, and the pages that they get: those of one prompt share its whole pages. */
import { PAGE } from '../../../gpu/index.ts';
import type { PagePool } from './pages.ts';
import type { Waiting } from './sequence.ts';

/** Most sequences of a batch; others wait. */
const MOST_SLOTS = 256;

/**
 * As many as fit, in their order.
 * @param live  sequences in the batch
 * @param free  pages that may still be taken
 * @returns them with the pages that they need together
 */
export function admitted(
  waiting: readonly Waiting[],
  live: number,
  free: number,
): { joining: Waiting[]; pages: number } {
  const joining: Waiting[] = [];
  const prompts = new Set<string>();
  let pages = 0;
  for (const each of waiting) {
    const { identity } = each.request;
    const wanted = pagesOf(each) - (prompts.has(identity) ? sharedPages(each) : 0);
    if (joining.length + live >= MOST_SLOTS || pages + wanted > free) break;
    prompts.add(identity);
    pages += wanted;
    joining.push(each);
  }
  return { joining, pages };
}

/** Gives out the pages of sequences that join together; `first` is the one whose prompt is written for those that share it. */
export function takePages(
  pool: PagePool,
  joining: readonly Waiting[],
): { pages: number[]; first: boolean }[] {
  const byPrompt = new Map<string, number[]>();
  return joining.map(each => {
    const { identity } = each.request;
    const shared = byPrompt.get(identity);
    if (shared) pool.share(shared);
    const own = pool.take(pagesOf(each) - (shared ? sharedPages(each) : 0));
    const pages = shared ? [...shared, ...own] : own;
    if (!shared) byPrompt.set(identity, pages.slice(0, sharedPages(each)));
    return { pages, first: !shared };
  });
}

/** Positions that a sequence may reach. */
export function positionsOf({ request, limit }: Waiting): number {
  return request.prompt.ids.length + limit;
}

function pagesOf(waiting: Waiting): number {
  return Math.ceil(positionsOf(waiting) / PAGE);
}

/** Whole pages of the prompt but its last token, which every sequence decodes for itself. */
function sharedPages({ request }: Waiting): number {
  return Math.floor((request.prompt.ids.length - 1) / PAGE);
}

/** `count` of the lowest slots that are not taken. */
export function freeSlots(taken: ReadonlySet<number>, count: number): number[] {
  const slots: number[] = [];
  for (let slot = 0; slots.length < count; slot++) if (!taken.has(slot)) slots.push(slot);
  return slots;
}

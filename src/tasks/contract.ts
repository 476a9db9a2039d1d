/** What a task's folder must hold: task.html (the page), meta.ts, oracle.ts. The registry finds the folders. */

export interface TaskMeta {
  /** MiniWoB's id, such as `click-button`. */
  name: string;
  title: string;
  /** One line on what must be done. */
  summary: string;
  /** The part of BrowserGym's list that it belongs to. */
  category: 'original' | 'nodelay' | 'additional' | 'hidden test' | 'debug';
  /** What a policy needs to be able to do. */
  needs: ('click' | 'type' | 'drag' | 'scroll' | 'sight' | 'several-steps')[];
  /** The action set that the task asks for where element ids alone do not do; `bid` where this is left out. */
  actions?: 'miniwob_all';
  /** BrowserGym's train/test split. */
  split: 'train' | 'test';
  /** MiniWoB's own limit, ms of the frame's virtual clock. BrowserGym replaces it by 1,000,000. */
  episodeMaxTime: number;
}

/**
 * Says the next action of a perfect agent, reading the live page (it runs inside the frame, after marking, so `bid`
 * attributes are there). Bid actions where they suffice. Returns '' when there is nothing left to do.
 */
export type Oracle = (page: { document: Document; goal: string; bid(element: Element): string }) => string;

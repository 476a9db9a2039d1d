/** Whole episodes that BrowserGym itself played on the MiniWoB++ pages, on those of our pages that are laid out alike. */
import { expect, test } from 'vitest';
import golden from '../../tests/fixtures/golden/episodes.json';
import { DEFAULT_CONFIG } from '../config.ts';
import { FramePool } from './frame-pool.ts';

/** The marks in Playwright's preview of an element depend on the size of the browser's window. */
const comparable = (error: string) => error.replace(/ browsergym_\w+="[^"]*"/g, '').trim();

test.each(Object.entries(golden))(
  '%s: trees, focus, errors and rewards are those that BrowserGym saw',
  async (task, episode) => {
    const container = document.createElement('div');
    document.body.append(container);
    const action_set = task === 'focus-text' ? 'bid' : 'miniwob_all';
    const pool = new FramePool({
      container,
      frames: 1,
      scale: 1.5,
      config: {
        action_set,
        multiaction: false,
        retry_with_force: false,
        observation: { ...DEFAULT_CONFIG.observation, use_screenshot: false, skip_generic: true },
      },
    });
    const { observation: first } = await pool.reset(0, task, episode.seed);
    expect(first.goal).toBe(episode.goal);
    expect(first.axtree).toBe(episode.axtree);
    expect(first.focusedBid).toBe(episode.focused);
    for (const step of episode.steps) {
      const { observation, reward, rawReward, done } = await pool.step(0, step.action);
      expect({ tree: observation.axtree, focused: observation.focusedBid }, step.action).toEqual({
        tree: step.axtree,
        focused: step.focused,
      });
      expect(comparable(observation.lastActionError), step.action).toBe(comparable(step.error));
      expect({ reward, rawReward, done }, step.action).toEqual({
        reward: step.reward,
        rawReward: step.raw,
        done: step.done,
      });
    }
    pool.dispose();
    container.remove();
  },
);

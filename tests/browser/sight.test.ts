/** click-color and identify-shape through the frame: the pixels tell, and nothing else that a policy gets does. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/config.ts';
import { FramePool } from '../../src/env/index.ts';
import type { Observation } from '../../src/protocol.ts';

const SEEDS = 30;
let pool: FramePool;

beforeAll(() => {
  const { observation, action_set, multiaction, retry_with_force } = DEFAULT_CONFIG;
  pool = new FramePool({
    container: document.body,
    frames: 4,
    config: { observation, action_set, multiaction, retry_with_force },
  });
});

afterAll(() => pool.dispose());

async function observations(task: string): Promise<{ observation: Observation; answer: string }[]> {
  const seeds = Array.from({ length: SEEDS }, (_, seed) => seed);
  const results: { observation: Observation; answer: string }[] = [];
  const worker = async (slot: number) => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      const { observation } = await pool.reset(slot, task, seed);
      results[seed] = { observation, answer: await pool.oracle(slot) };
    }
  };
  await Promise.all([0, 1, 2, 3].map(worker));
  return results;
}

/** The colour in the middle of a box, as CSS would print it. */
function pixel({ screenshot }: Observation, x: number, y: number): string {
  const { width, data, channels } = screenshot!;
  const at = (Math.round(y) * width + Math.round(x)) * channels;
  return `rgb(${data[at]}, ${data[at + 1]}, ${data[at + 2]})`;
}

function css(color: string): string {
  const probe = document.createElement('div');
  probe.style.color = color;
  document.body.append(probe);
  const computed = getComputedStyle(probe).color;
  probe.remove();
  return computed;
}

test('click-color: one tree for all seeds, and the box that pays has the colour in the screenshot', async () => {
  const episodes = await observations('click-color');
  expect(new Set(episodes.map(each => each.observation.axtree)).size).toBe(1);
  // Middles of the boxes in the order of their bids, which is the order of the layout.
  const middles = [
    [49, 103],
    [111, 103],
    [49, 167],
    [111, 167],
  ] as const;
  const answers = [...new Set(episodes.map(each => each.answer))].sort();
  expect(answers).toHaveLength(4);
  for (const { observation, answer } of episodes) {
    const color = /the (\w+) colored/.exec(observation.goal)![1]!;
    const [x, y] = middles[answers.indexOf(answer)]!;
    expect(pixel(observation, x, y), `${observation.goal} ${answer}`).toBe(css(color));
    expect(`${observation.axtree}${observation.focusedBid}`).not.toContain(color);
  }
});

test('identify-shape: trees differ in the order of the buttons only, and the figure is in the screenshot', async () => {
  const episodes = await observations('identify-shape');
  const trees = episodes.map(({ observation }) =>
    observation.axtree
      .split('\n')
      .map(line => line.replace(/\[\d+\]/, '[]'))
      .sort()
      .join('\n'),
  );
  expect(new Set(trees).size).toBe(1);
  expect(trees[0]).toContain("[] button 'Letter'");
  for (const { observation } of episodes) {
    let inked = 0;
    for (let y = 55; y < 120; y++)
      for (let x = 50; x < 110; x++) if (pixel(observation, x, y) !== 'rgb(255, 255, 255)') inked++;
    expect(inked, observation.goal).toBeGreaterThan(20);
  }
});

/** Flags that isolate frames, joined with those that are there. */
import { expect, test } from 'vitest';
import { withFrameProcesses } from './browser-choice.ts';

const ISOLATED = 'IsolateSandboxedIframes:grouping/per-document';

test('frames get processes of their own where there are cores for them, beside the features asked for', () => {
  expect(withFrameProcesses(['--no-sandbox', '--enable-features=Vulkan', '--disable-sync'], 16)).toEqual([
    '--no-sandbox',
    '--disable-sync',
    '--site-per-process',
    `--enable-features=Vulkan,${ISOLATED}`,
  ]);
  expect(withFrameProcesses([], 8)).toEqual(['--site-per-process', `--enable-features=${ISOLATED}`]);
});

test('few cores and flags that decide it already change nothing', () => {
  const args = ['--enable-features=Vulkan'];
  expect(withFrameProcesses(args, 4)).toEqual(args);
  const decided = ['--enable-features=IsolateSandboxedIframes:grouping/per-origin'];
  expect(withFrameProcesses(decided, 64)).toEqual(decided);
});

import { expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../config.ts';
import type { RunEvent } from '../protocol.ts';
import { modelCard } from '../storage/export/model-card.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { readsImages } from './hub-push.ts';
import { Pace } from './pace.ts';
import { describeDifference, nameRun } from './run-names.ts';
import { applyEvent, initialState, withNotice } from './state.ts';

test('names do not repeat while some are left', () => {
  const taken = new Set<string>();
  for (let i = 0; i < 1000; i++) taken.add(nameRun(taken));
  expect(taken.size).toBe(1000);
});

test('a run is told from another by the settings that differ', () => {
  const after = { ...structuredClone(DEFAULT_CONFIG), seed: 7, tasks: ['click-test'] };
  expect(describeDifference(DEFAULT_CONFIG, structuredClone(DEFAULT_CONFIG))).toBe('');
  expect(describeDifference(DEFAULT_CONFIG, after)).toContain('seed 42 → 7');
});

test('base64 carries bytes of any length', () => {
  for (const length of [0, 1, 2, 3, 0x6000, 0x6001]) {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 31);
    const back = fromBase64(toBase64(bytes));
    expect(back.length).toBe(length);
    expect(back.every((byte, i) => byte === bytes[i])).toBe(true);
  }
});

test('pauses do not count as time', () => {
  const pace = new Pace();
  pace.begin(0);
  pace.step(2000);
  pace.halt();
  pace.begin(60_000);
  pace.step(64_000);
  expect(pace.secondsPerStep).toBe(3);
});

test('a step that is taken again replaces its point in the curve', () => {
  const event = (step: number, loss: number): RunEvent => ({
    kind: 'metrics',
    runId: 'r',
    step,
    metrics: { loss },
  });
  let state = initialState(DEFAULT_CONFIG);
  for (const taken of [event(1, 1), event(2, 2), event(2, 3)])
    state = { ...state, ...applyEvent(state, taken, 0) };
  expect(state.metrics.map(row => [row.step, row.metrics.loss])).toEqual([
    [1, 1],
    [2, 3],
  ]);
});

test('the same warning is told once', () => {
  const once = withNotice([], 'storage-full', 'No room.');
  expect(withNotice(once, 'storage-full', 'No room.')).toHaveLength(1);
  expect(withNotice(once, 'storage-full', 'Still no room.')).toHaveLength(2);
});

test('a card opens a model with the class that transformers has for it', () => {
  const weights = (layer: string): Uint8Array => {
    const header = new TextEncoder().encode(`{"base_model.model.model.${layer}.lora_A.weight":{}}`);
    return new Uint8Array([header.length, 0, 0, 0, 0, 0, 0, 0, ...header]);
  };
  const adapter = (layer: string) => new Map([['adapter_model.safetensors', weights(layer)]]);
  expect(readsImages(adapter('layers.0.w1'))).toBe(false);
  expect(readsImages(adapter('language_model.layers.0.w1'))).toBe(true);
  const model = (config: object) =>
    new Map([['config.json', new TextEncoder().encode(JSON.stringify(config))]]);
  expect(readsImages(model({ model_type: 'lfm2' }))).toBe(false);
  expect(readsImages(model({ model_type: 'lfm2_vl', vision_config: {} }))).toBe(true);

  const facts = { repo: 'me/mine', base: 'some/base', config: DEFAULT_CONFIG, step: 1, evaluations: [] };
  const text = modelCard({ ...facts, kind: 'adapter', readsImages: false });
  expect(text).toContain(`    model = AutoModelForCausalLM.from_pretrained("some/base")
    model = PeftModel.from_pretrained(model, "me/mine")`);
  expect(modelCard({ ...facts, kind: 'model', readsImages: true })).toContain(
    '    from transformers import AutoModelForImageTextToText\n    model = AutoModelForImageTextToText.from_pretrained("me/mine")\n',
  );
});

import { expect, test, beforeAll } from 'vitest';
import { fixtureFiles } from './fixture-files.ts';
import { ModelFolder } from './folder.ts';
import { HubTokenizer } from './tokenizer.ts';

let tokenizer: HubTokenizer;

beforeAll(async () => {
  tokenizer = await HubTokenizer.open(new ModelFolder({ files: await fixtureFiles('lfm2_vl') }), {});
});

test('special tokens are found by their strings, and none is added', () => {
  const ids = tokenizer.encode('<|im_start|>user\n<image><|im_end|>');
  expect(ids[0]).toBe(tokenizer.idOf('<|im_start|>'));
  expect(ids.at(-1)).toBe(tokenizer.idOf('<|im_end|>'));
  expect(ids).toContain(tokenizer.idOf('<image>'));
  expect([...tokenizer.encode('')]).toEqual([]);
});

test('any text decodes to itself', () => {
  const text = " I'LL don't   [13] button 'Ok'\n\n\tnaïve 数据 🙂 12345";
  expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
});

test('special tokens are left out on request only', () => {
  const ids = tokenizer.encode("click('13')<|im_end|>");
  expect(tokenizer.decode(ids, { skipSpecial: true })).toBe("click('13')");
  expect(tokenizer.decode(ids)).toBe("click('13')<|im_end|>");
});

test('end-of-turn and padding come from the model’s own files', () => {
  expect(tokenizer.eosIds).toEqual([4]);
  expect(tokenizer.padId).toBe(0);
});

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

test('what tokens are in bytes is what texts are, and special ones are none', () => {
  const bytes = tokenizer.bytesById();
  const text = " naïve 数据 🙂\n\t[13] button 'Ok'";
  const said = [...tokenizer.encode(text)].flatMap(id => [...bytes[id]!]);
  expect(new TextDecoder().decode(Uint8Array.from(said))).toBe(text);
  for (const special of ['<|im_end|>', '<image>']) expect(bytes[tokenizer.idOf(special)!]).toBeUndefined();
});

test('a tokenizer that is not byte-level is refused where bytes are asked for', async () => {
  const file = {
    version: '1.0',
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' },
    post_processor: null,
    decoder: null,
    model: { type: 'BPE', vocab: { '▁click': 0, '</s>': 1, '▁': 2, click: 3 }, merges: [] },
  };
  const files = new Map([
    ['tokenizer.json', new Blob([JSON.stringify(file)])],
    ['tokenizer_config.json', new Blob(['{"eos_token":"</s>"}'])],
  ]);
  const other = await HubTokenizer.open(new ModelFolder({ files }), {});
  expect(() => other.bytesById()).toThrow('this one has the token "▁click". Switch constrain_actions off');
});

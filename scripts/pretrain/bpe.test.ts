import { Tokenizer } from '@huggingface/tokenizers';
import { expect, test } from 'vitest';
import { trainTokenizer } from './bpe.ts';

const SPECIAL = ['<|pad|>', '<|startoftext|>', '<|im_end|>'];
const TEXTS = [
  "click('13')",
  "[13] button 'Ok'\n\t[14] button 'Cancel'",
  'naïve 数据 🙂',
  "click('14') click('15')",
];

test('any text comes back from its token ids', () => {
  const tokenizer = new Tokenizer(trainTokenizer(TEXTS, SPECIAL, 300), {});
  for (const text of [...TEXTS, 'words never seen: Zürich\t\t[99]\n\n“quoted”'])
    expect(tokenizer.decode(tokenizer.encode(text, { add_special_tokens: false }).ids)).toBe(text);
});

test('a frequent word becomes one token, and the same texts give the same tokenizer', () => {
  const texts = Array.from({ length: 20 }, () => 'click click button');
  const json = trainTokenizer(texts, SPECIAL, 300);
  expect(trainTokenizer(texts, SPECIAL, 300)).toEqual(json);
  const tokenizer = new Tokenizer(json, {});
  expect(tokenizer.encode('click', { add_special_tokens: false }).ids).toHaveLength(1);
});

test('special tokens keep the first ids, in their order', () => {
  const tokenizer = new Tokenizer(trainTokenizer(TEXTS, SPECIAL, 280), {});
  expect(tokenizer.encode('<|im_end|>', { add_special_tokens: false }).ids).toEqual([2]);
});

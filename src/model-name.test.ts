import { expect, test } from 'vitest';
import { HUB, parseModelName, readTypedModelName, writeModelName } from './config/model-name.ts';

const hub = { kind: 'hub', endpoint: HUB, repo: 'LiquidAI/LFM2-VL-450M', revision: 'main', file: undefined };

test.each([
  ['nano', { kind: 'embedded' }],
  ['import:ab12', { kind: 'import', id: 'ab12' }],
  ['models/other', { kind: 'path', path: 'models/other' }],
  ['hub:LiquidAI/LFM2-VL-450M', hub],
  ['hub:LiquidAI/LFM2-VL-450M@refs/pr/1', { ...hub, revision: 'refs/pr/1' }],
  ['hub:LiquidAI/LFM2-VL-450M@v1/a-Q8_0.gguf', { ...hub, revision: 'v1', file: 'a-Q8_0.gguf' }],
  ['hub:LiquidAI/LFM2-VL-450M/a-Q8_0.gguf', { ...hub, file: 'a-Q8_0.gguf' }],
  [
    'hub:https://mirror.example/hf/LiquidAI/LFM2-VL-450M@v1',
    { ...hub, endpoint: 'https://mirror.example/hf', revision: 'v1' },
  ],
  ['hub:http://127.0.0.1:8080/a/b', { ...hub, endpoint: 'http://127.0.0.1:8080', repo: 'a/b' }],
  ['https://huggingface.co/LiquidAI/LFM2-VL-450M', hub],
  ['https://huggingface.co/LiquidAI/LFM2-VL-450M/tree/v1', { ...hub, revision: 'v1' }],
  ['https://huggingface.co/LiquidAI/LFM2-VL-450M/blob/main/a.gguf', { ...hub, file: 'a.gguf' }],
  ['https://example.org/my/model', { kind: 'address', url: 'https://example.org/my/model/' }],
  ['https://example.org/my/a.gguf', { kind: 'address', url: 'https://example.org/my/', file: 'a.gguf' }],
])('%s is read, and written so that it reads the same', (text, name) => {
  expect(parseModelName(text)).toEqual(name);
  expect(parseModelName(writeModelName(parseModelName(text)))).toEqual(name);
});

test('a person may write a repository without hub:', () => {
  expect(readTypedModelName(' LiquidAI/LFM2-VL-450M ')).toEqual(hub);
  expect(readTypedModelName('LiquidAI/LFM2-VL-450M@v1')).toEqual({ ...hub, revision: 'v1' });
  expect(readTypedModelName('LiquidAI/LFM2-VL-450M/a.gguf')).toEqual({ ...hub, file: 'a.gguf' });
});

test.each([
  'hub:LFM2',
  'hub:',
  'hub:a/b/c/d',
  'https://',
  'https://me:secret@example.org/',
  'https://huggingface.co/spaces',
])('%s names no model', text => expect(() => parseModelName(text)).toThrow(/names no model/));

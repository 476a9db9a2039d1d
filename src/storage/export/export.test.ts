import { deleteDB } from 'idb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../config.ts';
import { closeDatabase } from '../database.ts';
import { putMetrics } from '../metrics.ts';
import { putRun } from '../runs.ts';
import { DATABASE_NAME } from '../schema.ts';
import { readModelFolder } from './folder.ts';
import { runFiles } from './run-files.ts';
import { packZip, unpackZip } from './zip.ts';

const text = (content: string) => new TextEncoder().encode(content);

/** A safetensors file without tensors; its header claims `length` bytes. */
function safetensors(header = '{}', length = header.length): Uint8Array {
  const bytes = new Uint8Array(8 + header.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text(header), 8);
  return bytes;
}

function folder(files: Record<string, Uint8Array | string>): Map<string, Blob> {
  return new Map(
    Object.entries(files).map(([path, content]) => [path, new Blob([content as Uint8Array<ArrayBuffer>])]),
  );
}

const MODEL = { 'config.json': '{}', 'tokenizer.json': '{}', 'model.safetensors': safetensors() };
const ADAPTER = {
  'adapter_config.json': '{"base_model_name_or_path":"nano"}',
  'adapter_model.safetensors': safetensors(),
};

async function fresh(): Promise<void> {
  await closeDatabase();
  await deleteDB(DATABASE_NAME);
}
beforeEach(fresh);
afterEach(fresh);

test('what goes into a zip comes out of it, byte by byte', async () => {
  const weights = crypto.getRandomValues(new Uint8Array(20_000));
  const zip = await packZip(
    new Map([
      ['a/model.safetensors', weights],
      ['a/run.json', text('{"step":3}')],
    ]),
  );
  const files = await unpackZip('run.zip', zip);
  expect([...files.keys()]).toEqual(['a/model.safetensors', 'a/run.json']);
  expect(files.get('a/model.safetensors')?.every((byte, i) => byte === weights[i])).toBe(true);
  expect(files.get('a/run.json')).toEqual(text('{"step":3}'));
});

test('a file that is not a zip is told from a zip that is cut short', async () => {
  await expect(unpackZip('photo.zip', text('not at all'))).rejects.toMatchObject({
    code: 'import-not-a-zip',
  });
  const zip = await packZip(new Map([['model.safetensors', new Uint8Array(5000)]]));
  await expect(unpackZip('cut.zip', zip.subarray(0, 3000))).rejects.toMatchObject({
    code: 'import-damaged',
    message: /cut\.zip/,
  });
});

test('a model folder is found inside other folders', async () => {
  const nested = Object.fromEntries(
    Object.entries(MODEL).map(([path, content]) => [`download/lfm/${path}`, content]),
  );
  const found = await readModelFolder('download', folder(nested));
  expect(found.kind).toBe('model');
  expect([...found.files.keys()]).toEqual(['config.json', 'tokenizer.json', 'model.safetensors']);
});

test('an adapter names its base: the run’s where there is one, else PEFT’s', async () => {
  expect(await readModelFolder('a', folder(ADAPTER))).toMatchObject({ kind: 'adapter', base: 'nano' });
  const withRun = { ...ADAPTER, 'run.json': '{"base":"import:abc"}' };
  expect((await readModelFolder('a', folder(withRun))).base).toBe('import:abc');
});

test('missing files are named', async () => {
  const { 'tokenizer.json': _, ...without } = MODEL;
  await expect(readModelFolder('mine', folder(without))).rejects.toMatchObject({
    code: 'import-missing-files',
    message: /mine looks like a model, but tokenizer\.json is missing/,
  });
  await expect(readModelFolder('notes', folder({ 'a.txt': 'x' }))).rejects.toMatchObject({
    code: 'import-missing-files',
    message: /It holds: a\.txt/,
  });
});

test.each([
  ['is shorter than a header', new Uint8Array(3)],
  ['claims a header longer than the file', safetensors('{}', 9000)],
  ['claims a header of exabytes', safetensors('{}', 2 ** 60)],
  ['has a header that is not JSON', safetensors('{"a"')],
])('a safetensors file that %s is refused by its name', async (_, bytes) => {
  await expect(
    readModelFolder('mine', folder({ ...MODEL, 'model.safetensors': bytes })),
  ).rejects.toMatchObject({
    code: 'import-bad-file',
    message: /model\.safetensors in mine/,
  });
});

test('the record of a run can be read line by line', async () => {
  const config = structuredClone(DEFAULT_CONFIG);
  await putRun({
    id: 'r',
    name: 'keen otter',
    createdAt: 1,
    updatedAt: 1,
    config,
    status: 'finished',
    step: 2,
    checkpointStep: 2,
    failure: '',
  });
  await putMetrics([1, 2].map(step => ({ runId: 'r', step, metrics: { loss: step / 2 }, time: 5 })));
  const files = await runFiles('r', 'nano');
  const read = (path: string) => new TextDecoder().decode(files.get(path));
  expect(JSON.parse(read('run.json'))).toMatchObject({ name: 'keen otter', base: 'nano', config });
  const lines = read('metrics.jsonl')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as unknown);
  expect(lines).toEqual([
    { step: 1, time: 5, loss: 0.5 },
    { step: 2, time: 5, loss: 1 },
  ]);
});

test('GGUF files are a model with nothing beside them, and other bytes of that name are not', async () => {
  const files = new Map([
    ['folder/a.gguf', new Blob(['GGUF and more'])],
    ['folder/mmproj-a.gguf', new Blob(['GGUF too'])],
  ]);
  const folder = await readModelFolder('folder', files);
  expect([folder.kind, ...folder.files.keys()]).toEqual(['model', 'a.gguf', 'mmproj-a.gguf']);
  files.set('folder/b.gguf', new Blob(['<html>']));
  await expect(readModelFolder('folder', files)).rejects.toThrow(/b\.gguf in folder is not a GGUF file/);
});

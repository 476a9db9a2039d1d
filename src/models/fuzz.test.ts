/** Damaged files of weights: thousands of seeded mutations of headers and indexes, each refused by name or read as it was. */
import { beforeAll, expect, test } from 'vitest';
import { hashKey } from '../gpu/random.ts';
import { ModelFormatError } from './errors.ts';
import { fixtureFiles } from './fixture-files.ts';
import type { ModelFile } from './file-source.ts';
import { ModelFolder } from './folder.ts';
import { modelConfig, processorConfig } from './gguf/config.ts';
import { GgufFile } from './gguf/file.ts';
import { tokenizerConfig, tokenizerJson } from './gguf/tokenizer.ts';
import { GgufWeights } from './gguf/weights.ts';
import { SafetensorsFile } from './safetensors/read.ts';
import { WeightFiles } from './safetensors/weights.ts';
import { writeSafetensors, type TensorData } from './safetensors/write.ts';

const ROUNDS = 4000;

/** A repeatable stream of whole numbers below a bound. */
function draws(...key: (string | number)[]): (below: number) => number {
  let state = hashKey(1, ...key) >>> 0;
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Bytes that break readers: lengths and counts of all sizes. */
const NASTY = [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff];

/** Changes, repeats, removes or cuts off bytes within the first `front`. */
function mutate(
  bytes: Uint8Array<ArrayBuffer>,
  front: number,
  draw: (below: number) => number,
): Uint8Array<ArrayBuffer> {
  const at = draw(front);
  const copy = bytes.slice();
  switch (draw(6)) {
    case 0:
      copy[at] = draw(256);
      return copy;
    case 1:
      copy[at] ^= 1 << draw(8);
      return copy;
    case 2:
      copy.fill(NASTY[draw(NASTY.length)], at, at + 1 + draw(8));
      return copy;
    case 3:
      return copy.slice(0, at);
    case 4:
      return join(copy.subarray(0, at), copy.subarray(at + 1 + draw(16)));
    default:
      return join(copy.subarray(0, at + 1 + draw(16)), copy.subarray(at));
  }
}

function join(front: Uint8Array, back: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(front.length + back.length);
  whole.set(front);
  whole.set(back, front.length);
  return whole;
}

/** A file in memory that remembers how much of it was asked for at once. */
function watched(bytes: Uint8Array<ArrayBuffer>): ModelFile & { most: number } {
  const file = {
    size: bytes.length,
    most: 0,
    slice(begin = 0, end = bytes.length) {
      file.most = Math.max(file.most, end - begin);
      return { arrayBuffer: async () => bytes.slice(begin, end).buffer };
    },
    arrayBuffer: async () => bytes.slice().buffer,
    text: async () => new TextDecoder().decode(bytes),
  };
  return file;
}

const bytesOf = async (blob: Blob): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await blob.arrayBuffer());

let gguf: Map<string, Blob>;
let lfm2: Map<string, Blob>;
beforeAll(async () => {
  gguf = await fixtureFiles('gguf');
  lfm2 = await fixtureFiles('lfm2');
});

test.each(['lfm2_vl-Q8_0.gguf', 'mmproj-lfm2_vl-F16.gguf', 'blocks.gguf'])(
  '%s: every mutation of its header is refused by name, or reads no tensor from elsewhere',
  async name => {
    const whole = await bytesOf(gguf.get(name)!);
    const before = await GgufFile.open(new Blob([whole]), name);
    const front = [...before.tensors.values()][0].begin;
    let refused = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const file = watched(mutate(whole, front, draws(name, round)));
      try {
        const after = await GgufFile.open(file, name);
        use(after);
        const moved = shift(after, before);
        for (const [tensor, entry] of after.tensors) {
          const known = before.tensors.get(tensor);
          // Same place and size, whatever the header says now. Two types of one size cannot be told apart.
          const elsewhere =
            known &&
            (entry.begin - known.begin !== moved ||
              entry.end - entry.begin !== known.end - known.begin ||
              entry.format.bytes !== known.format.bytes);
          if (elsewhere) expect.fail(`round ${round} reads ${tensor} from ${entry.begin} to ${entry.end}`);
        }
      } catch (error) {
        if (!(error instanceof ModelFormatError)) throw error;
        refused++;
      }
      if (file.most > file.size) expect.fail(`round ${round} asks for ${file.most} bytes of ${file.size}`);
    }
    expect(refused, 'most damage shows').toBeGreaterThan(ROUNDS / 3);
  },
);

/** A header that grew or shrank by whole alignments moves all data alike. */
function shift(after: GgufFile, before: GgufFile): number {
  const first = ({ tensors }: GgufFile): number => [...tensors.values()][0].begin;
  return first(after) - first(before);
}

/** All that a load makes of a header. */
function use(file: GgufFile): void {
  const attempts = [
    () => new GgufWeights(file, null),
    () => modelConfig(file, file),
    () => modelConfig(file, null),
    () => processorConfig(file),
    () => tokenizerJson(file),
    () => tokenizerConfig(file),
  ];
  for (const attempt of attempts) {
    try {
      attempt();
    } catch (error) {
      if (!(error instanceof ModelFormatError)) throw error;
    }
  }
}

test('every mutation of a safetensors header is refused by name, or reads no tensor from elsewhere', async () => {
  const whole = await bytesOf(lfm2.get('model.safetensors')!);
  const before = await SafetensorsFile.open(new Blob([whole]), 'model.safetensors');
  const front = before.entry(before.names()[0]).begin;
  let refused = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const file = watched(mutate(whole, front, draws('safetensors', round)));
    try {
      const after = await SafetensorsFile.open(file, 'model.safetensors');
      for (const name of after.names()) {
        if (!before.has(name)) continue;
        const [known, entry] = [before.entry(name), after.entry(name)];
        const same =
          entry.begin === known.begin && entry.end === known.end && `${entry.shape}` === `${known.shape}`;
        if (!same)
          expect.fail(`round ${round} reads ${name} from ${entry.begin} to ${entry.end} as [${entry.shape}]`);
      }
    } catch (error) {
      if (!(error instanceof ModelFormatError)) throw error;
      refused++;
    }
    if (file.most > file.size) expect.fail(`round ${round} asks for ${file.most} bytes of ${file.size}`);
  }
  expect(refused).toBeGreaterThan(ROUNDS / 3);
});

test('every mutation of an index of shards is refused by name, or lists the same tensors in the same shards', async () => {
  const file = await SafetensorsFile.open(lfm2.get('model.safetensors')!, 'model.safetensors');
  const names = file.names();
  const shards = new Map<string, Blob>();
  const map: Record<string, string> = {};
  for (const [shard, part] of [names.slice(0, 20), names.slice(20)].entries()) {
    const tensors = new Map<string, TensorData>();
    for (const name of part)
      tensors.set(name, { shape: file.entry(name).shape, values: await file.read(name) });
    const path = `model-0000${shard + 1}-of-00002.safetensors`;
    shards.set(path, new Blob([writeSafetensors(tensors)]));
    for (const name of part) map[name] = path;
  }
  const index = new TextEncoder().encode(JSON.stringify({ metadata: { total_size: 1 }, weight_map: map }));
  let refused = 0;
  for (let round = 0; round < ROUNDS / 2; round++) {
    const mutated = new Blob([mutate(index, index.length, draws('index', round))]);
    const files = new Map([...shards, ['model.safetensors.index.json', mutated]]);
    try {
      const weights = await WeightFiles.open(new ModelFolder({ files }));
      for (const name of weights.names())
        if (!file.has(name) || `${weights.shape(name)}` !== `${file.entry(name).shape}`)
          expect.fail(`round ${round} lists ${name}`);
    } catch (error) {
      if (!(error instanceof ModelFormatError)) throw error;
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(ROUNDS / 6);
});

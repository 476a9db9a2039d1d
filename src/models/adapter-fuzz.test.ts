/** Damaged texts of models and adapters: thousands of seeded changes, each refused by name or read to something that runs. */
import { beforeAll, expect, test } from 'vitest';
import { CodedError } from '../errors.ts';
import { hashKey } from '../gpu/random.ts';
import { ConfigReader } from './config-reader.ts';
import { findFamily } from './families.ts';
import { fixtureFiles } from './fixture-files.ts';
import { ModelFolder } from './folder.ts';
import { parseLoraConfig } from './lora/config.ts';
import { isTarget, rankOf, scalingOf } from './lora/match.ts';
import { HubTokenizer } from './tokenizer.ts';

type Json = unknown;
type Draw = (below: number) => number;

/** A repeatable stream of whole numbers below a bound. */
function draws(...key: (string | number)[]): Draw {
  let state = hashKey(1, ...key) >>> 0;
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** What a field may wrongly hold: other types, sizes at the edges, patterns that break engines. */
const WRONG: Json[] = [
  null,
  true,
  false,
  0,
  -1,
  1,
  0.5,
  3,
  1e9,
  2 ** 31,
  2 ** 53,
  1e308,
  '',
  'x',
  '(',
  '(?<',
  '*.q',
  [],
  [0],
  ['a'],
  [null],
  {},
  { a: 1 },
  { rope_type: 'yarn' },
];

/** Replaces, removes or repeats one value anywhere in a JSON tree. */
function damage(value: Json, draw: Draw): Json {
  const copy = structuredClone(value);
  let node = copy as Record<string, Json>;
  for (let depth = 0; depth < 6; depth++) {
    const keys = Object.keys(node);
    if (keys.length === 0) return copy;
    const key = keys[draw(keys.length)];
    const inner = node[key];
    if (typeof inner === 'object' && inner !== null && draw(4) > 0) {
      node = inner as Record<string, Json>;
      continue;
    }
    if (draw(4) === 0) delete node[key];
    else node[key] = structuredClone(WRONG[draw(WRONG.length)]);
    return copy;
  }
  return copy;
}

const refused = new Map<string, number>();

/** Runs `read`; only a coded error may come out. */
async function survives(what: string, read: () => unknown): Promise<boolean> {
  try {
    await read();
    return true;
  } catch (error) {
    if (!(error instanceof CodedError)) throw new Error(`${what}: ${String(error)}`, { cause: error });
    refused.set(error.code, (refused.get(error.code) ?? 0) + 1);
    return false;
  }
}

const FAMILIES = ['lfm2', 'lfm2_vl', 'qwen3_vl'];
const files = new Map<string, Map<string, Blob>>();

beforeAll(async () => {
  for (const family of FAMILIES) files.set(family, await fixtureFiles(family));
});

const json = async (family: string, name: string): Promise<Json> =>
  JSON.parse(await files.get(family)!.get(name)!.text()) as Json;

test.each(FAMILIES)(
  '3,000 damaged config.json of %s name their field, or describe a model of whole sizes',
  async family => {
    const config = await json(family, 'config.json');
    let read = 0;
    for (let round = 0; round < 3000; round++) {
      const broken = damage(config, draws(family, 'config', round)) as Record<string, Json>;
      const what = `${family} round ${round}`;
      if (
        await survives(what, () => {
          const { specs } = findFamily(broken.model_type).describe(new ConfigReader(broken, 'config.json'));
          for (const { name, shape } of specs)
            if (!shape.every(size => Number.isSafeInteger(size) && size > 0))
              throw new Error(`${name} [${shape}]`);
        })
      )
        read++;
    }
    expect(read).toBeGreaterThan(300);
    expect(read).toBeLessThan(2700);
  },
);

test('3,000 damaged adapter_config.json name their field, or give every module a rank and a scaling', async () => {
  const config = (await json('qwen3_vl', 'adapter/adapter_config.json')) as Record<string, Json>;
  const rich = {
    ...config,
    exclude_modules: ['layers.1.w1'],
    rank_pattern: { q_proj: 4 },
    alpha_pattern: { w1: 3 },
  };
  const path = 'model.language_model.layers.1.self_attn.q_proj';
  let read = 0;
  for (let round = 0; round < 3000; round++) {
    const broken = damage(rich, draws('adapter', round)) as Record<string, Json>;
    const what = `adapter round ${round}: ${JSON.stringify(broken)}`;
    if (
      await survives(what, () => {
        const parsed = parseLoraConfig(broken);
        isTarget(parsed, path);
        const rank = rankOf(parsed, path);
        const scaling = scalingOf(parsed, path, rank);
        if (!(rank > 0) || !Number.isInteger(rank) || !Number.isFinite(scaling))
          throw new Error(`${rank} ${scaling}`);
      })
    )
      read++;
  }
  expect(read).toBeGreaterThan(300);
  expect(read).toBeLessThan(2700);
});

test('1,000 damaged tokenizer.json are refused by name, or encode and decode', async () => {
  const tokenizer = await json('qwen3_vl', 'tokenizer.json');
  const config = await json('qwen3_vl', 'config.json');
  for (let round = 0; round < 1000; round++) {
    const broken = damage(tokenizer, draws('tokenizer', round));
    const all = new Map(files.get('qwen3_vl')!).set('tokenizer.json', new Blob([JSON.stringify(broken)]));
    await survives(`tokenizer round ${round}`, async () => {
      const opened = await HubTokenizer.open(
        new ModelFolder({ files: all }),
        config as Record<string, unknown>,
      );
      const ids = opened.encode('<|im_start|>Click the "Ok" 12 é\n');
      opened.decode(ids);
      if (!ids.every(id => id >= 0)) throw new Error(`ids ${ids.join()}`);
    });
  }
  expect(refused.get('tokenizer-invalid')).toBeGreaterThan(10);
});

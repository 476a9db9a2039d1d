/** `npm run bench -- load`: a large model of random weights from a Hub-like server on this machine to the device, with what it costs. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunConfig } from '../../src/config.ts';
import { ConfigReader } from '../../src/models/config-reader.ts';
import { readLfm2Config } from '../../src/models/lfm2/config.ts';
import { lfm2Specs } from '../../src/models/lfm2/parameters.ts';
import type { FileSpec } from '../../tests/hub/orders.ts';
import { HubServer } from '../../tests/hub/server.ts';
import { BROWSER_OPTIONS, browserChoice } from '../browser-choice.ts';
import { readOptions, UsageError, wholeNumber } from '../options.ts';
import { openPage } from '../served-page.ts';

export const LOAD_USAGE = `npm run bench -- load [--layers N] [--weights f32|f16|int8|int4] [--backend webgpu|wasm]
          [--reuse-build] [--browser PATH] [--browser-args "…"]   LFM2-700M's widths; 18 layers are 1.65 GB`;

/** Tokenizer and template; its few tokens are enough for a vocabulary of any size. */
const TEXTS = 'tests/fixtures/lfm2';

export async function runLoadBench(argv: string[]): Promise<void> {
  const { options } = readOptions(argv, {
    layers: 'value',
    weights: 'value',
    backend: 'value',
    'reuse-build': 'flag',
    ...BROWSER_OPTIONS,
  });
  const weights = options.get('weights') ?? 'f16';
  if (weights !== 'f32' && weights !== 'f16' && weights !== 'int8' && weights !== 'int4')
    throw new UsageError('--weights takes f32, f16, int8 or int4.');
  const backend = options.get('backend') ?? 'webgpu';
  if (backend !== 'webgpu' && backend !== 'wasm') throw new UsageError('--backend takes webgpu or wasm.');
  const hub = await HubServer.start();
  const { files, bytes } = randomModel(wholeNumber(options, 'layers', 1) ?? 18);
  hub.add({ name: 'bench/random', files });
  const profile = mkdtempSync(join(tmpdir(), 'load-bench-'));
  const served = await openPage(
    { ...browserChoice(options), profile },
    { reuseBuild: options.has('reuse-build') },
  );
  try {
    await served.page.waitForFunction(() => window.browserGrpo !== undefined);
    const config: Partial<RunConfig> = {
      model: `hub:${hub.address}/bench/random`,
      weights,
      backend,
      max_steps: 0,
      eval_steps: 0,
      eval_episodes: 0,
      tasks: ['click-test'],
      lora_r: 8,
    };
    for (const from of ['the server', 'this browser']) {
      const memory = new RendererMemory();
      const began = performance.now();
      await served.page.evaluate(async chosen => void (await window.browserGrpo!.start(chosen)), config);
      const seconds = (performance.now() - began) / 1000;
      const { anonymous, shared } = memory.stop();
      console.log(
        `${(bytes / 1e9).toFixed(2)} GB from ${from} as ${weights} on ${backend}: ${seconds.toFixed(1)} s, ` +
          `${(bytes / 1e6 / seconds).toFixed(0)} MB/s; page and worker at most ${mega(anonymous)} of their own, ${mega(shared)} shared with the GPU process`,
      );
    }
  } finally {
    await served.close();
    await hub.stop();
    rmSync(profile, { recursive: true, force: true });
  }
}

const mega = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

/** A text model of LFM2-700M's widths with so many layers, its weights random BF16. */
function randomModel(layers: number): { files: Record<string, FileSpec>; bytes: number } {
  const described = {
    model_type: 'lfm2',
    vocab_size: 65536,
    hidden_size: 1536,
    num_hidden_layers: layers,
    num_attention_heads: 24,
    num_key_value_heads: 8,
    full_attn_idxs: [2, 5, 8, 10, 12, 14].filter(index => index < layers),
    block_ff_dim: 10240,
    conv_L_cache: 3,
    eos_token_id: 4,
  };
  const header: Record<string, unknown> = {};
  let bytes = 0;
  for (const { name, shape } of lfm2Specs(
    readLfm2Config(new ConfigReader(described, 'config.json')),
    'model.',
  )) {
    const size = 2 * shape.reduce((product, length) => product * length, 1);
    header[name] = { dtype: 'BF16', shape, data_offsets: [bytes, bytes + size] };
    bytes += size;
  }
  const json = JSON.stringify(header);
  const padded = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const front = Buffer.concat([length, padded]).toString('base64');
  const texts = ['tokenizer.json', 'tokenizer_config.json', 'generation_config.json', 'chat_template.jinja'];
  const files: Record<string, FileSpec> = {
    'config.json': { text: JSON.stringify(described) },
    'model.safetensors': { weights: { front, bytes } },
  };
  for (const name of texts) files[name] = { disk: join(TEXTS, name) };
  return { files, bytes };
}

/** Peak memory of the browser's page processes, workers included, by the kernel's own count (Linux). */
class RendererMemory {
  readonly #peaks = new Map<string, { anonymous: number; shared: number }>();
  readonly #timer = setInterval(() => this.#sample(), 100);

  #sample(): void {
    for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
      try {
        if (!readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('--type=renderer')) continue;
        const status = readFileSync(`/proc/${pid}/status`, 'latin1');
        const of = (field: string): number =>
          1024 * Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
        const peak = this.#peaks.get(pid) ?? { anonymous: 0, shared: 0 };
        this.#peaks.set(pid, {
          anonymous: Math.max(peak.anonymous, of('RssAnon')),
          shared: Math.max(peak.shared, of('RssShmem')),
        });
      } catch {
        // The process ended between the listing and the reading.
      }
    }
  }

  stop(): { anonymous: number; shared: number } {
    clearInterval(this.#timer);
    const peaks = [...this.#peaks.values()];
    return peaks.reduce((most, peak) => (peak.anonymous > most.anonymous ? peak : most), {
      anonymous: 0,
      shared: 0,
    });
  }
}

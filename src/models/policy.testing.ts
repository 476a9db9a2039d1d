/** For tests: a tiny vision-language policy with PEFT's adapter beside it, on the backend that is to be tested. */
import { startBackend } from '../gpu/start.ts';
import { readTensor } from '../gpu/index.ts';
import { fixtureFiles } from './fixture-files.ts';
import { loadPolicy } from './load.ts';
import { readCases } from './parity/reference.ts';
import type { Policy, Sequence } from './policy.ts';

export interface TestPolicy {
  files: Map<string, Blob>;
  policy: Policy;
  /** One after each prompt of the folder's cases, of 4, 3 and 2 tokens. */
  sequences: Sequence[];
  /** What a policy makes of them. */
  hidden(of: Policy, adapter?: boolean): Promise<Float32Array>;
  /** Another one, with the folder's adapter. */
  withAdapter(dropout?: number): Promise<Policy>;
}

export async function testPolicy(backend: 'wasm' | 'webgpu'): Promise<TestPolicy> {
  await startBackend(backend);
  const files = await fixtureFiles('lfm2_vl');
  const policy = await loadPolicy({ files });
  const cases = await readCases(files);
  const prompts = cases.map(({ messages, images }) => policy.prepare(messages, images));
  const sequences = prompts.map((prompt, i) => ({
    prompt,
    completion: Int32Array.from([50, 60, 70, 80].slice(i)),
  }));
  return {
    files,
    policy,
    sequences,
    async hidden(of, adapter) {
      const rows = of.hidden(sequences, { adapter });
      const values = (await readTensor(rows)) as Float32Array;
      rows.dispose();
      return values;
    },
    async withAdapter(dropout) {
      const other = await loadPolicy({ files });
      const names = ['adapter_config.json', 'adapter_model.safetensors'];
      await other.importAdapter(new Map(names.map(name => [name, files.get(`adapter/${name}`)!])), dropout);
      return other;
    },
  };
}

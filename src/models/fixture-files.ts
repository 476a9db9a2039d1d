/** For tests: the files of a reference folder, served by the test runner, and what its weights are. */
import { SafetensorsFile } from './safetensors/read.ts';
import type { TensorData } from './safetensors/write.ts';

/** Vite resolves the pattern when it serves this module; the files themselves are fetched one by one. */
const URLS = import.meta.glob<string>(
  '../../tests/fixtures/{gguf,lfm2,lfm2_vl,lfm2_vl_several,lfm2_vl_tiled,qwen3_vl}/**/*',
  {
    query: '?url',
    import: 'default',
    eager: true,
  },
);

/** @param name  of a folder of tests/fixtures; @returns Files by path relative to the folder. */
export async function fixtureFiles(name: string): Promise<Map<string, Blob>> {
  const prefix = `../../tests/fixtures/${name}/`;
  const entries = Object.entries(URLS).filter(([path]) => path.startsWith(prefix));
  if (entries.length === 0) throw new Error(`no fixture folder ${name}`);
  return new Map(
    await Promise.all(
      entries.map(
        async ([path, url]) => [path.slice(prefix.length), await (await fetch(url)).blob()] as const,
      ),
    ),
  );
}

/** Every tensor of a safetensors file by its name, as float32: to be changed and written again. */
export async function tensorsOf(blob: Blob): Promise<Map<string, TensorData>> {
  const file = await SafetensorsFile.open(blob, 'model.safetensors');
  const tensors = new Map<string, TensorData>();
  for (const name of file.names())
    tensors.set(name, { shape: file.entry(name).shape, values: await file.read(name) });
  return tensors;
}

/** For tests: the files of a reference folder, served by the test runner. */

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

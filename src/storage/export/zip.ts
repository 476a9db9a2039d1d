/** Zip files in memory. Weights are stored, not deflated: random bytes do not shrink, and text does. */
import { unzip, unzipSync, zip, type AsyncZippable } from 'fflate';
import { ImportError } from './errors.ts';

/** Unpacked size that a page can still hold: a browser's limit for one ArrayBuffer is 2 GiB or more. */
const MAX_BYTES = 2 ** 31;

/** Packs files by their paths, in their order. */
export function packZip(files: Map<string, Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const entries: AsyncZippable = {};
  for (const [path, bytes] of files)
    entries[path] = [bytes, { level: path.endsWith('.safetensors') ? 0 : 6 }];
  return new Promise((resolve, reject) =>
    zip(entries, (error, data) => (error ? reject(error) : resolve(data as Uint8Array<ArrayBuffer>))),
  );
}

/**
 * Unpacks a zip; folders and the metadata that macOS adds are left out.
 *
 * @param name  the file's name, for messages.
 * @throws {ImportError} `import-not-a-zip`, `import-damaged`, `import-too-large`.
 */
export async function unpackZip(name: string, bytes: Uint8Array): Promise<Map<string, Uint8Array>> {
  if (!isZip(bytes)) {
    throw new ImportError('import-not-a-zip', {
      message: `${name} is not a zip file. Drop a zip that this page exported, or a model’s folder in Hugging Face layout.`,
    });
  }
  let total = 0;
  const unpacked = await new Promise<Record<string, Uint8Array>>((resolve, reject) => {
    const wanted = (path: string) => !path.endsWith('/') && !/(^|\/)(__MACOSX\/|\.DS_Store$)/.test(path);
    unzip(
      bytes,
      { filter: file => wanted(file.name) && (total += file.originalSize) <= MAX_BYTES },
      (error, files) => (error ? reject(damaged(name, error)) : resolve(files)),
    );
  });
  if (total > MAX_BYTES) {
    throw new ImportError('import-too-large', {
      message: `${name} unpacks to ${(total / 1e9).toFixed(1)} GB, more than a page can hold (2 GB). Unpack it and import the folder.`,
    });
  }
  return new Map(Object.entries(unpacked));
}

/** Paths in a zip, nothing unpacked. @throws {ImportError} `import-damaged` */
export function pathsInZip(name: string, bytes: Uint8Array): string[] {
  const paths: string[] = [];
  try {
    unzipSync(bytes, { filter: file => paths.push(file.name) < 0 });
  } catch (error) {
    throw damaged(name, error as Error);
  }
  return paths;
}

/** Whether the bytes begin as a zip does, empty ones included. */
export function isZip(bytes: Uint8Array): boolean {
  const [p, k, a, b] = bytes;
  return p === 0x50 && k === 0x4b && ((a === 3 && b === 4) || (a === 5 && b === 6));
}

function damaged(name: string, cause: Error): ImportError {
  return new ImportError('import-damaged', {
    message: `${name} begins as a zip but cannot be read to its end (${cause.message}). Download or export it again.`,
    cause,
  });
}

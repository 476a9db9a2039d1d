/** One repository of the test server: files, revisions, who may read it, and the faults it was asked to have. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { randomBytes, randomWeights } from './random-bytes.ts';
import type { Fault, FileSpec, RepositorySpec } from './orders.ts';

export interface HubFile {
  size: number;
  lfs: boolean;
  /** SHA-256 for large files, git's SHA-1 for small ones. */
  etag: string;
  read(begin: number, end: number): Uint8Array;
}

export class Repository {
  readonly signedFor: number;
  readonly #files = new Map<string, HubFile>();
  readonly #faults: Fault[] = [];

  constructor(readonly spec: RepositorySpec) {
    this.signedFor = spec.signedFor ?? 60_000;
    for (const [path, file] of Object.entries(spec.files)) this.put(path, file);
  }

  /** Changes with the files. */
  get commit(): string {
    return createHash('sha1')
      .update(JSON.stringify([this.spec.name, [...this.#files]]))
      .digest('hex');
  }

  put(path: string, spec: FileSpec): void {
    this.#files.set(path, hubFile(path, spec));
  }

  paths(): string[] {
    return [...this.#files.keys()];
  }

  file(path: string): HubFile | undefined {
    return this.#files.get(path);
  }

  text(path: string): string {
    const { size, read } = this.#files.get(path)!;
    return Buffer.from(read(0, size)).toString();
  }

  hasRevision(revision: string): boolean {
    return revision === 'main' || revision === this.commit;
  }

  /** Why a request with this Authorization header is refused. */
  refusal(authorization: string | undefined): { status: number; code: string; message: string } | null {
    const { token, gate } = this.spec;
    if (token && authorization !== `Bearer ${token}`)
      return { status: 401, code: 'RepoNotFound', message: 'Repository not found' };
    if (gate && authorization !== `Bearer ${gate}`)
      return {
        status: authorization ? 403 : 401,
        code: 'GatedRepo',
        message: 'Access to this model is restricted.',
      };
    return null;
  }

  addFault(fault: Fault): void {
    this.#faults.push(fault);
  }

  /** The next fault for such a request, used up by it. */
  takeFault(at: Fault['at'], path: string): Fault | undefined {
    const index = this.#faults.findIndex(fault => fault.at === at && (fault.path ?? path) === path);
    if (index < 0) return undefined;
    const fault = this.#faults[index];
    fault.times = (fault.times ?? 1) - 1;
    if (fault.times === 0) this.#faults.splice(index, 1);
    return fault;
  }

  /** As GET /api/models/{repo}/revision/{revision}?blobs=true answers. */
  listing(): unknown {
    const siblings = [...this.#files].map(([rfilename, { size, lfs, etag }]) => {
      const said = this.spec.listed?.[rfilename] ?? {};
      const sizes = { size: said.size ?? size };
      if (!lfs) return { rfilename, ...sizes, blobId: etag };
      return {
        rfilename,
        ...sizes,
        blobId: '0'.repeat(40),
        lfs: { sha256: said.sha256 ?? etag, ...sizes, pointerSize: 134 },
      };
    });
    return {
      id: this.spec.name,
      sha: this.commit,
      private: false,
      gated: this.spec.gate ? 'manual' : false,
      siblings,
    };
  }
}

function hubFile(path: string, spec: FileSpec): HubFile {
  // The Hub keeps what its .gitattributes name in LFS, however small it is.
  const lfs = /\.(safetensors|gguf)$/.test(path);
  const [size, read] = contents(spec);
  const hash = createHash(lfs ? 'sha256' : 'sha1');
  if (!lfs) hash.update(`blob ${size}\0`);
  for (let at = 0; at < size; at += 1 << 22) hash.update(read(at, Math.min(at + (1 << 22), size)));
  return { size, lfs, etag: hash.digest('hex'), read };
}

function contents(spec: FileSpec): [size: number, read: HubFile['read']] {
  if ('random' in spec) return [spec.random, randomBytes];
  if ('weights' in spec) return weightFile(Buffer.from(spec.weights.front, 'base64'), spec.weights.bytes);
  const bytes =
    'disk' in spec
      ? readFileSync(spec.disk)
      : 'text' in spec
        ? Buffer.from(spec.text)
        : Buffer.from(spec.base64, 'base64');
  return [bytes.length, (begin, end) => bytes.subarray(begin, end)];
}

function weightFile(front: Buffer, bytes: number): [size: number, read: HubFile['read']] {
  const read = (begin: number, end: number): Uint8Array =>
    Buffer.concat([
      front.subarray(begin, Math.min(end, front.length)),
      randomWeights(Math.max(0, begin - front.length), Math.max(0, end - front.length)),
    ]);
  return [front.length + bytes, read];
}

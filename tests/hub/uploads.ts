/** What the test server takes in: a repository is made, large files are put, a commit names them all. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Repository } from './repository.ts';
import { bodyOf, fail, json } from './server.ts';

interface CommitLine {
  key: string;
  value: { path?: string; content?: string; encoding?: string; oid?: string; summary?: string };
}

/** Token that may write. */
export const WRITE_TOKEN = 'hf_write';

export class Uploads {
  readonly #objects = new Map<string, Buffer>();

  constructor(private readonly repositories: Map<string, Repository>) {}

  /** @returns whether the request was one of an upload */
  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    address: string,
  ): Promise<boolean> {
    const { pathname } = url;
    if (request.method === 'PUT' && pathname.startsWith('/lfs/')) {
      const bytes = await bodyOf(request);
      const oid = pathname.slice('/lfs/'.length);
      const found = createHash('sha256').update(bytes).digest('hex');
      if (found !== oid) fail(response, 400, '', `these bytes are ${found}, not ${oid}`);
      else {
        this.#objects.set(oid, bytes);
        json(response, {});
      }
      return true;
    }
    if (request.method !== 'POST') return false;
    if (request.headers.authorization !== `Bearer ${WRITE_TOKEN}`) {
      fail(response, 401, '', 'Invalid username or password.');
      return true;
    }
    const body = (await bodyOf(request)).toString();
    const [, name] = /^\/(?:api\/models\/)?([^/]+\/[^/]+?)(?:\.git)?\//.exec(pathname) ?? [];
    if (pathname === '/api/repos/create') this.#create(response, body, address);
    else if (pathname.includes('/preupload/')) this.#preupload(response, body);
    else if (pathname.endsWith('/info/lfs/objects/batch')) this.#batch(response, body, address);
    else if (pathname.includes('/commit/')) this.#commit(response, body, name, address);
    else return false;
    return true;
  }

  #create(response: ServerResponse, body: string, address: string): void {
    const { name, organization } = JSON.parse(body) as { name: string; organization?: string };
    const repo = `${organization ?? 'someone'}/${name}`;
    if (this.repositories.has(repo)) return fail(response, 409, '', 'You already created this model repo');
    this.repositories.set(repo, new Repository({ name: repo, files: {} }));
    json(response, { url: `${address}/${repo}`, id: repo });
  }

  #preupload(response: ServerResponse, body: string): void {
    const { files } = JSON.parse(body) as { files: { path: string }[] };
    const mode = (path: string): string => (/\.(safetensors|gguf)$/.test(path) ? 'lfs' : 'regular');
    json(response, {
      files: files.map(({ path }) => ({ path, uploadMode: mode(path), shouldIgnore: false })),
    });
  }

  #batch(response: ServerResponse, body: string, address: string): void {
    const { objects } = JSON.parse(body) as { objects: { oid: string; size: number }[] };
    json(response, {
      transfer: 'basic',
      objects: objects.map(({ oid, size }) => ({
        oid,
        size,
        actions: { upload: { href: `${address}/lfs/${oid}`, header: {} } },
      })),
    });
  }

  #commit(response: ServerResponse, body: string, name: string, address: string): void {
    const repository = this.repositories.get(name);
    if (!repository) return fail(response, 404, 'RepoNotFound', 'Repository not found');
    for (const line of body.split('\n').filter(Boolean)) {
      const { key, value } = JSON.parse(line) as CommitLine;
      if (key === 'file') repository.put(value.path!, { base64: value.content! });
      if (key === 'lfsFile') {
        const bytes = this.#objects.get(value.oid!);
        if (!bytes) return fail(response, 400, '', `object ${value.oid} was never uploaded`);
        repository.put(value.path!, { base64: bytes.toString('base64') });
      }
    }
    json(response, {
      success: true,
      commitOid: repository.commit,
      commitUrl: `${address}/${name}/commit/${repository.commit}`,
      hookOutput: '',
    });
  }
}

/**
 * A server that behaves like the Hugging Face Hub, with faults on request: listings pinned to a commit, small files sent at
 * once, large ones behind a redirect to a signed address on another origin that runs out, ranges, CORS, tokens, uploads.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LoggedRequest, RepositorySpec, Steer } from './orders.ts';
import { Repository } from './repository.ts';
import { sendFile } from './send-file.ts';
import { Uploads } from './uploads.ts';

const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers':
    'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Linked-Size,X-Linked-ETag,ETag,Link,Accept-Ranges,Content-Range,X-Xet-Hash',
};
const PREFLIGHT = {
  ...CORS,
  'Access-Control-Allow-Methods': 'GET, POST, PUT, OPTIONS',
  'Access-Control-Allow-Headers': 'authorization, range, content-type, accept',
};

export class HubServer {
  readonly #repositories = new Map<string, Repository>();
  readonly #uploads = new Uploads(this.#repositories);
  #log: LoggedRequest[] = [];

  private constructor(
    private readonly hub: Server,
    private readonly cdn: Server,
  ) {
    hub.on('request', (request, response) => void this.#guard(this.#hub(request, response), response));
    cdn.on('request', (request, response) => void this.#guard(this.#cdn(request, response), response));
  }

  static async start(): Promise<HubServer> {
    const [hub, cdn] = [createServer(), createServer()];
    for (const server of [hub, cdn])
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    return new HubServer(hub, cdn);
  }

  get address(): string {
    return `http://127.0.0.1:${(this.hub.address() as AddressInfo).port}`;
  }

  add(spec: RepositorySpec): Repository {
    const repository = new Repository(spec);
    this.#repositories.set(spec.name, repository);
    return repository;
  }

  repository(name: string): Repository | undefined {
    return this.#repositories.get(name);
  }

  get log(): readonly LoggedRequest[] {
    return this.#log;
  }

  async stop(): Promise<void> {
    for (const server of [this.hub, this.cdn]) {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    }
  }

  async #guard(work: Promise<void>, response: ServerResponse): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!response.headersSent) response.writeHead(500, CORS);
      response.end(String(error));
    }
  }

  #logged(host: 'hub' | 'cdn', request: IncomingMessage, response: ServerResponse): LoggedRequest {
    const entry: LoggedRequest = {
      host,
      method: request.method ?? '',
      path: request.url ?? '',
      range: request.headers.range ?? '',
      status: 0,
      sent: 0,
    };
    this.#log.push(entry);
    response.on('close', () => (entry.status = response.statusCode));
    return entry;
  }

  async #hub(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'OPTIONS') return void response.writeHead(204, PREFLIGHT).end();
    const url = new URL(request.url!, this.address);
    // How the tests steer the server; not of the Hub.
    if (url.pathname === '/steer')
      return json(response, this.steer(JSON.parse((await bodyOf(request)).toString()) as Steer));
    const entry = this.#logged('hub', request, response);
    const listing = /^\/api\/models\/([^/]+\/[^/]+)\/revision\/(.+)$/.exec(url.pathname);
    const file = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname);
    if (await this.#uploads.handle(request, response, url, this.address)) return;
    const [, name, revision, path] = listing ?? file ?? [];
    const repository = name === undefined ? undefined : this.#repositories.get(name);
    if (!repository) return fail(response, 404, 'RepoNotFound', 'Repository not found');
    const refusal = repository.refusal(request.headers.authorization);
    if (refusal) return fail(response, refusal.status, refusal.code, refusal.message);
    if (!repository.hasRevision(decodeURIComponent(revision)))
      return fail(response, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
    const fault = repository.takeFault(listing ? 'api' : 'hub', path ?? '');
    if (fault?.status) return fail(response, fault.status, fault.code ?? '', 'as asked', fault.headers);
    if (listing) return json(response, repository.listing(), { 'X-Repo-Commit': repository.commit });
    const found = repository.file(decodeURIComponent(path));
    if (!found) return fail(response, 404, 'EntryNotFound', 'Entry not found');
    const headers = { ...CORS, 'X-Repo-Commit': repository.commit, ETag: `"${found.etag}"` };
    if (!found.lfs) return sendFile(request, response, found, headers, fault, entry);
    const cdn = `http://127.0.0.1:${(this.cdn.address() as AddressInfo).port}`;
    const location = `${cdn}/${name}/${path}?expires=${Date.now() + repository.signedFor}&signature=${found.etag.slice(0, 8)}`;
    response
      .writeHead(302, {
        ...headers,
        Location: location,
        'X-Linked-Size': found.size,
        'X-Linked-ETag': `"${found.etag}"`,
      })
      .end();
  }

  async #cdn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'OPTIONS') return void response.writeHead(204, PREFLIGHT).end();
    const entry = this.#logged('cdn', request, response);
    const url = new URL(request.url!, this.address);
    const [, owner, name, ...path] = url.pathname.split('/');
    const repository = this.#repositories.get(`${owner}/${name}`);
    const found = repository?.file(decodeURIComponent(path.join('/')));
    if (!repository || !found) return fail(response, 404, '', 'no such key');
    const fault = repository.takeFault('cdn', path.join('/'));
    if (Date.now() > Number(url.searchParams.get('expires')) || fault?.expired)
      return fail(response, 403, '', 'Request has expired');
    if (fault?.status) return fail(response, fault.status, '', 'as asked', fault.headers);
    return sendFile(request, response, found, { ...CORS, ETag: `"${found.etag}"` }, fault, entry);
  }

  /** Does what a test asks. @returns the requests asked for */
  steer({ add, fault, log }: Steer): LoggedRequest[] {
    if (add) this.add(add);
    if (fault) this.#repositories.get(fault.repo)!.addFault(fault);
    return log === undefined ? [] : this.#log.filter(entry => entry.path.includes(log));
  }
}

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

export function json(response: ServerResponse, value: unknown, headers: Record<string, string> = {}): void {
  response
    .writeHead(200, { ...CORS, 'Content-Type': 'application/json', ...headers })
    .end(JSON.stringify(value));
}

export function fail(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): void {
  const named = code ? { 'X-Error-Code': code, 'X-Error-Message': message } : {};
  response
    .writeHead(status, {
      ...CORS,
      ...named,
      'Access-Control-Expose-Headers': `${CORS['Access-Control-Expose-Headers']},Retry-After`,
      'Content-Type': 'application/json',
      ...headers,
    })
    .end(JSON.stringify({ error: message }));
}

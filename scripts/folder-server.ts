/** A folder of the disk as a model's address: ranges and CORS, for weights that are too large to hand to a page as text. */
import { createReadStream, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize, sep } from 'node:path';

export interface FolderServer {
  /** With a slash at its end. */
  address: string;
  close(): Promise<void>;
}

/** Serves the files of `folder` to pages of any origin on this machine. */
export async function serveFolder(folder: string): Promise<FolderServer> {
  const root = normalize(folder.endsWith(sep) ? folder : folder + sep);
  const server = createServer((request, response) => send(root, request, response));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

/** No ETag: without one the page reads the file as it comes and does not copy it into its own storage. */
const HEADERS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Content-Range',
  'Content-Type': 'application/octet-stream',
};

function send(root: string, request: IncomingMessage, response: ServerResponse): void {
  const path = join(root, decodeURIComponent(new URL(request.url!, 'http://localhost').pathname));
  const file = path.startsWith(root) ? statSync(path, { throwIfNoEntry: false }) : undefined;
  if (!file?.isFile()) return void response.writeHead(404, HEADERS).end();
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const start = range ? Number(range[1]) : 0;
  const end = range?.[2] ? Math.min(Number(range[2]), file.size - 1) : file.size - 1;
  if (start > end && file.size > 0)
    return void response.writeHead(416, { ...HEADERS, 'Content-Range': `bytes */${file.size}` }).end();
  const partial: Record<string, string> = range
    ? { 'Content-Range': `bytes ${start}-${end}/${file.size}` }
    : {};
  response.writeHead(range ? 206 : 200, {
    ...HEADERS,
    ...partial,
    'Content-Length': String(end - start + 1),
  });
  if (file.size === 0) response.end();
  else createReadStream(path, { start, end }).pipe(response);
}

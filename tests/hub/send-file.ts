/** Sends a file or a range of it, well or with the fault that was asked for. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault } from './orders.ts';
import type { HubFile } from './repository.ts';

const PIECE = 64 << 10;

export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: HubFile,
  headers: Record<string, string>,
  fault: Fault | undefined,
  entry: { sent: number },
): Promise<void> {
  const size = Math.max(0, file.size + (fault?.longer ?? 0));
  const range = fault?.ignoreRange ? null : /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const begin = range ? Number(range[1]) : 0;
  const end = range?.[2] ? Math.min(Number(range[2]) + 1, size) : size;
  if (begin >= size && size > 0) {
    response.writeHead(416, { ...headers, 'Content-Range': `bytes */${size}` }).end();
    return;
  }
  const partial: Record<string, string> = range
    ? { 'Content-Range': `bytes ${begin}-${end - 1}/${size}`, 'Accept-Ranges': 'bytes' }
    : {};
  response.writeHead(range ? 206 : 200, {
    'Content-Type': 'application/octet-stream',
    ...headers,
    ...partial,
    'Content-Length': String(end - begin),
  });
  const limit = Math.min(end, begin + (fault?.dropAfter ?? fault?.stallAfter ?? Infinity));
  for (let at = begin; at < limit;) {
    if (response.destroyed) return;
    const stop = Math.min(at + PIECE, limit);
    if (!response.write(piece(file, at, stop, fault))) await drained(response);
    entry.sent += stop - at;
    at = stop;
    if (fault?.rate) await new Promise(resolve => setTimeout(resolve, (PIECE / fault.rate!) * 1000));
  }
  if (fault?.dropAfter !== undefined) {
    // What was written must reach the other side before the connection is cut.
    await new Promise(resolve => setTimeout(resolve, 50));
    response.destroy();
  } else if (fault?.stallAfter === undefined) response.end();
}

function piece(file: HubFile, begin: number, end: number, fault: Fault | undefined): Uint8Array {
  const bytes = new Uint8Array(end - begin);
  bytes.set(file.read(Math.min(begin, file.size), Math.min(end, file.size)));
  const at = (fault?.corruptAt ?? -1) - begin;
  if (at >= 0 && at < bytes.length) bytes[at] ^= 0xff;
  return bytes;
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise(resolve => {
    const end = (): void => {
      response.off('drain', end).off('close', end);
      resolve();
    };
    response.on('drain', end).on('close', end);
  });
}

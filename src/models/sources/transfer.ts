/**
 * One file from a server as an unbroken stream of bytes: goes on where a connection ended, with plain GETs of one range.
 *
 * Each request goes to the file's own address and lets the browser follow the redirect, so that a signed address that ran
 * out is replaced by the next request. No HEAD and no headers but the range, which need no preflight. Without an
 * encoding (a browser asks for none with a range), bytes in the file are bytes on the way.
 */
import { checkAnswer, Temporary, unreachable } from './answers.ts';
import { SourceError } from './errors.ts';
import { waitAfter, type Patience } from './patience.ts';

export interface TransferOptions extends Patience {
  /** The file as a person would name it. */
  name: string;
  /** Access token of the Hub; goes to the first host only, browsers drop it on a redirect to another. */
  token?: string;
  /** Bytes that the file must have, where that is known beforehand. */
  size?: number;
  /** Milliseconds without a byte after which a connection is given up. */
  patience?: number;
}

export class Transfer {
  /** Of the whole file; known after the first answer, unless the server does not say. */
  size: number | undefined;
  /** Changes when the file does; '' where the server does not say. */
  version = '';
  /** Of the first answer, lower case. */
  contentType = '';

  constructor(
    readonly url: string,
    private readonly options: TransferOptions,
  ) {
    this.size = options.size;
  }

  get name(): string {
    return this.options.name;
  }

  /**
   * The file's bytes from `begin` to its end.
   * @throws {SourceError} see errors.ts; everything that can pass by itself has been tried again before.
   */
  async *bytes(begin = 0): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    let position = begin;
    let failures = 0;
    while (this.size === undefined || position < this.size) {
      try {
        for await (const chunk of this.#connection(position)) {
          position += chunk.length;
          failures = 0;
          yield chunk;
        }
        // Without a length, the end of the body is the end of the file.
        this.size ??= position;
        if (position < this.size)
          throw new Temporary(unreachable(this.name, `it ended after ${position} of ${this.size} bytes`));
      } catch (error) {
        await waitAfter(error, ++failures, this.name, this.options);
      }
    }
  }

  /** One request's bytes from `position`. */
  async *#connection(position: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const { signal, token, patience = 30_000 } = this.options;
    const stall = new AbortController();
    let timer = setTimeout(() => stall.abort(), patience);
    try {
      const headers: Record<string, string> = { Range: `bytes=${position}-` };
      if (token) headers.Authorization = `Bearer ${token}`;
      const response = await fetch(this.url, {
        headers,
        // The browser's own cache would keep gigabytes a second time.
        cache: 'no-store',
        signal: signal ? AbortSignal.any([signal, stall.signal]) : stall.signal,
      });
      if (response.status === 416) throw this.#shrunk(position);
      checkAnswer(response, this.name, token !== undefined);
      let skip = this.#begin(response, position);
      let at = position - skip;
      for (const reader = response.body!.getReader(); ;) {
        clearTimeout(timer);
        timer = setTimeout(() => stall.abort(), patience);
        const { done, value } = await reader.read();
        if (done) return;
        at += value.length;
        if (this.size !== undefined && at > this.size) throw this.#tooLong();
        if (skip >= value.length) skip -= value.length;
        else {
          yield skip > 0 ? value.subarray(skip) : value;
          skip = 0;
        }
      }
    } finally {
      clearTimeout(timer);
      // Whoever stops reading early closes the connection.
      stall.abort();
    }
  }

  /** Checks where the body begins and what the whole file measures. @returns bytes before `position` that it repeats */
  #begin(response: Response, position: number): number {
    const { headers, status } = response;
    const length = headers.has('content-length') ? Number(headers.get('content-length')) : undefined;
    const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get('content-range') ?? '');
    // A server that knows no ranges sends the file from its start.
    const first = status === 206 ? (range ? Number(range[1]) : position) : 0;
    const total = range ? Number(range[2]) : length === undefined ? undefined : first + length;
    if (first > position)
      throw new SourceError('answer-invalid', {
        message: `${this.name}: the server was asked for bytes from ${position} on and sent those from ${first} on. It cannot be downloaded from there.`,
      });
    if (total !== undefined && this.size !== undefined && total !== this.size)
      throw new SourceError('size-mismatch', {
        message: `${this.name} has ${total} bytes on the server, but ${this.size} were announced. It changed, or the server is at fault: look the model up again.`,
      });
    this.size ??= total;
    const version = headers.get('etag') ?? headers.get('last-modified') ?? '';
    if (this.options.size === undefined && this.version && version && version !== this.version)
      throw new SourceError('size-mismatch', {
        message: `${this.name} was replaced on the server while it was being downloaded. Start the download again.`,
      });
    this.version ||= version;
    this.contentType ||= headers.get('content-type')?.toLowerCase() ?? '';
    return position - first;
  }

  #shrunk(position: number): SourceError {
    return new SourceError('size-mismatch', {
      message: `${this.name} has no byte ${position} on the server (416), though ${this.size ?? 'more'} bytes were announced. It was replaced by a shorter file: look the model up again.`,
    });
  }

  #tooLong(): SourceError {
    return new SourceError('size-mismatch', {
      message: `${this.name} goes on after the ${this.size} bytes that were announced. The server is at fault, or the file was replaced: look the model up again.`,
    });
  }
}

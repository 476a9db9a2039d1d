/** What a test asks of the test Hub, in its own process or from a page. */

/** Contents of a file: as text, as base64, as a file on disk, or as so many random bytes. */
export type FileSpec =
  | { text: string }
  | { base64: string }
  | { disk: string }
  | { random: number }
  /** A file's front, then so many bytes of random BF16 numbers as weights have them. */
  | { weights: { front: string; bytes: number } };

export interface RepositorySpec {
  /** `owner/name` */
  name: string;
  files: Record<string, FileSpec>;
  /** Private: answers as if it were not there without this token. */
  token?: string;
  /** Gated: answers GatedRepo without this token. */
  gate?: string;
  /** Milliseconds that a signed address is good for. */
  signedFor?: number;
  /** What the listing says of a file in place of the truth. */
  listed?: Record<string, { size?: number; sha256?: string }>;
}

export interface Fault {
  /** Which request it meets: for the listing, at the Hub, or at the signed address. */
  at: 'api' | 'hub' | 'cdn';
  /** Of the file; any when absent. */
  path?: string;
  /** Requests that meet it, 1 unless given. */
  times?: number;
  /** Answers so, with X-Error-Code `code`. */
  status?: number;
  code?: string;
  headers?: Record<string, string>;
  /** Cuts the connection after so many bytes of the body. */
  dropAfter?: number;
  /** Sends nothing more after so many bytes, and leaves the connection open. */
  stallAfter?: number;
  /** Changes the byte at this place of the file. */
  corruptAt?: number;
  /** The file measures so many bytes more (or fewer) than announced. */
  longer?: number;
  /** Sends the whole file whatever range was asked for. */
  ignoreRange?: boolean;
  /** The signed address has run out. */
  expired?: boolean;
  /** Bytes a second. */
  rate?: number;
}

export interface LoggedRequest {
  host: 'hub' | 'cdn';
  method: string;
  path: string;
  range: string;
  status: number;
  /** Bytes of the body that were written to the connection. */
  sent: number;
}

/** What a test in the browser can ask of the server. */
export interface Steer {
  add?: RepositorySpec;
  fault?: Fault & { repo: string };
  /** Requests whose path holds this. */
  log?: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the test Hub. */
    hub: string;
  }
}

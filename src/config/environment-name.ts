/** What `environment` of a configuration can say: the pages of this site, a copy of MiniWoB++'s, OpenEnv servers. */
import { CodedError } from '../errors.ts';

export type EnvironmentName =
  | { kind: 'built-in' }
  /** A folder of pages in this browser, by what its files hold. */
  | { kind: 'pages'; id: string }
  /** WebSocket addresses, each of a server that serves one task. */
  | { kind: 'openenv'; addresses: string[] };

export const BUILT_IN = 'built-in';
const PAGES = 'pages:';
const OPENENV = 'openenv:';

/**
 * Reads `built-in`, `pages:<id>`, or `openenv:<address>[,<address>…]`.
 * @throws {CodedError} environment-invalid
 */
export function parseEnvironment(text: string): EnvironmentName {
  if (text === BUILT_IN) return { kind: 'built-in' };
  if (text.startsWith(PAGES)) {
    const id = text.slice(PAGES.length);
    if (/^[0-9a-f]{16}$/.test(id)) return { kind: 'pages', id };
    throw invalid(text, 'a folder of pages is named by 16 hexadecimal digits');
  }
  if (text.startsWith(OPENENV)) {
    const addresses = text.slice(OPENENV.length).split(',').map(socketAddress);
    return { kind: 'openenv', addresses: [...new Set(addresses)] };
  }
  throw invalid(text, 'it begins with none of the three');
}

/** The text that parseEnvironment reads back. */
export function writeEnvironment(name: EnvironmentName): string {
  switch (name.kind) {
    case 'built-in':
      return BUILT_IN;
    case 'pages':
      return PAGES + name.id;
    case 'openenv':
      return OPENENV + name.addresses.join(',');
  }
}

export function isEnvironment(text: string): boolean {
  try {
    parseEnvironment(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * A server's WebSocket address from what people have of it: its http address, with or without `/ws`, or a Space's page.
 * @throws {CodedError} environment-invalid
 */
export function socketAddress(text: string): string {
  const typed = text.trim();
  const space = /^https:\/\/huggingface\.co\/spaces\/([\w.-]+)\/([\w.-]+)\/?$/.exec(typed);
  // A Space answers at a host of its own, named after it.
  const host = space && `${space[1]}-${space[2]}`.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const url = URL.parse(host ? `https://${host}.hf.space` : typed);
  const scheme = url && { 'http:': 'ws:', 'https:': 'wss:', 'ws:': 'ws:', 'wss:': 'wss:' }[url.protocol];
  if (!url || !scheme || url.username || url.password)
    throw invalid(`${OPENENV}${typed}`, `“${typed}” is not the http, https, ws or wss address of a server`);
  const path = url.pathname.replace(/\/+$/, '');
  return `${scheme}//${url.host}${path.endsWith('/ws') ? path : `${path}/ws`}`;
}

function invalid(text: string, reason: string): CodedError {
  return new CodedError('environment-invalid', {
    message: `“${text}” names no environment: ${reason}. Write ${BUILT_IN}, ${PAGES}<id> of a folder of MiniWoB++ pages that was picked on the page, or ${OPENENV}<address> of an OpenEnv server.`,
  });
}

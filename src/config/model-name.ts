/** What `model` of a configuration can say: the policy of this page, an import, a Hub repository, an address. */
import { CodedError } from '../errors.ts';

export const HUB = 'https://huggingface.co';

export interface HubName {
  kind: 'hub';
  /** Address of the Hub or of a mirror, without a slash at its end. */
  endpoint: string;
  /** `owner/name` */
  repo: string;
  /** Branch, tag or commit. */
  revision: string;
  /** Of a repository of GGUF files, the one to load. */
  file?: string;
}

export interface AddressName {
  kind: 'address';
  /** Of the folder, with a slash at its end. */
  url: string;
  /** The GGUF file in it to load. */
  file?: string;
}

export type ModelName =
  | { kind: 'embedded' }
  | { kind: 'import'; id: string }
  | { kind: 'path'; path: string }
  | HubName
  | AddressName;

const OWNER_AND_NAME = /^[\w.-]+\/[\w.-]+$/;
const COMMIT = /^[0-9a-f]{40}$/;

/** Whether a revision names one state of a repository for ever. */
export function isCommit(revision: string): boolean {
  return COMMIT.test(revision);
}

/**
 * Reads `nano`, `import:<id>`, `hub:[endpoint/]owner/name[@revision][/file.gguf]`, an http(s) address of a folder or of a
 * .gguf file, or a path below the page. An address of huggingface.co counts as the repository that it shows.
 * @throws {CodedError} model-name-invalid
 */
export function parseModelName(text: string): ModelName {
  if (text === 'nano') return { kind: 'embedded' };
  if (text.startsWith('import:')) return { kind: 'import', id: text.slice('import:'.length) };
  if (text.startsWith('hub:')) return hubName(text.slice('hub:'.length), text);
  if (text.startsWith(`${HUB}/`)) return hubPage(text);
  return /^(https?:)?\/\//.test(text) ? addressName(text) : { kind: 'path', path: text };
}

/** The text that parseModelName reads back. */
export function writeModelName(name: ModelName): string {
  switch (name.kind) {
    case 'embedded':
      return 'nano';
    case 'import':
      return `import:${name.id}`;
    case 'path':
      return name.path;
    case 'address':
      return name.url + (name.file ?? '');
    case 'hub': {
      const endpoint = name.endpoint === HUB ? '' : `${name.endpoint}/`;
      const revision = name.revision === 'main' ? '' : `@${name.revision}`;
      return `hub:${endpoint}${name.repo}${revision}${name.file ? `/${name.file}` : ''}`;
    }
  }
}

/**
 * What a person types where a model is asked for: `owner/name` is a Hub repository too.
 * @throws {CodedError} model-name-invalid
 */
export function readTypedModelName(text: string): ModelName {
  const typed = text.trim();
  const repo = typed.replace(/@.*|\/[^/]+\.gguf$/, '');
  return parseModelName(OWNER_AND_NAME.test(repo) ? `hub:${typed}` : typed);
}

function invalid(text: string, reason: string): CodedError {
  return new CodedError('model-name-invalid', {
    message: `“${text}” names no model: ${reason}. Write owner/name of a Hugging Face repository, optionally @revision, or the address of a folder.`,
  });
}

function hubName(rest: string, text: string): HubName {
  const mirror = /^(https?:\/\/[^/]+(?:\/[^/]+)*?)\/(?=[\w.-]+\/[\w.-]+(?:@|$|\/[^/]+\.gguf$))(.*)$/.exec(
    rest,
  );
  const [endpoint, path] = mirror ? [mirror[1], mirror[2]] : [HUB, rest];
  // A revision may hold slashes; a file, if any, ends in .gguf and comes last.
  const parts = /^([\w.-]+\/[\w.-]+?)(?:@(.+?))?(?:\/([^/]+\.gguf))?$/.exec(path);
  if (!parts)
    throw invalid(text, 'a Hub model is hub:owner/name, hub:owner/name@revision or hub:owner/name/file.gguf');
  const [, repo, revision = 'main', file] = parts;
  return { kind: 'hub', endpoint, repo, revision, file };
}

/** `https://huggingface.co/owner/name`, with `/tree/revision` or `/blob/revision/file.gguf` as the site shows them. */
function hubPage(text: string): HubName {
  const url = new URL(text);
  const [owner, name, view, revision = 'main', ...path] = url.pathname
    .split('/')
    .filter(Boolean)
    .map(decodeURIComponent);
  if (!owner || !name) throw invalid(text, 'the address shows no repository');
  if (view !== undefined && !['tree', 'blob', 'resolve'].includes(view))
    throw invalid(text, 'the address shows no model repository');
  const file = path.at(-1)?.endsWith('.gguf') ? path.join('/') : undefined;
  return { kind: 'hub', endpoint: HUB, repo: `${owner}/${name}`, revision, file };
}

function addressName(text: string): AddressName {
  const url = URL.parse(text.startsWith('//') ? `https:${text}` : text);
  if (!url || url.username || url.password) throw invalid(text, 'it is not an address that can be fetched');
  url.hash = '';
  if (!url.pathname.endsWith('.gguf')) {
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    return { kind: 'address', url: url.href };
  }
  const cut = url.href.lastIndexOf('/') + 1;
  return { kind: 'address', url: url.href.slice(0, cut), file: url.href.slice(cut) };
}

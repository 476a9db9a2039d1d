/** A model folder in Hub layout, wherever it lies: below a URL, as files by name, or a source that fetches and keeps them. */
import { ModelFormatError } from './errors.ts';
import type { ModelFile } from './file-source.ts';
import type { LoadProgress, PolicySource } from './policy.ts';
import type { WeightSource } from './weight-source.ts';

const MOST_LISTED = 24;

/** Access to the files of a folder; each file is fetched once. */
export class ModelFolder {
  readonly #files = new Map<string, Promise<ModelFile | undefined>>();

  constructor(
    private readonly source: PolicySource,
    private readonly onProgress?: LoadProgress,
  ) {}

  /** The folder as a person would name it. */
  get label(): string {
    if ('find' in this.source) return this.source.label;
    return 'url' in this.source ? this.source.url : 'the model folder';
  }

  /** A file that may be absent. @throws {ModelFormatError} file-unreadable on any answer but the file or "not found" */
  find(name: string): Promise<ModelFile | undefined> {
    let file = this.#files.get(name);
    if (!file) this.#files.set(name, (file = this.#load(name)));
    return file;
  }

  /** A file that must be there. @throws {ModelFormatError} file-missing */
  async get(name: string): Promise<ModelFile> {
    const file = await this.find(name);
    if (file) return file;
    const names = this.names();
    const present = names ? ` It has: ${listed(names)}.` : '';
    throw new ModelFormatError('file-missing', {
      message: `${name} is missing from ${this.label}. A model folder needs it, as on the Hugging Face Hub: download it from the model’s repository too.${present}`,
    });
  }

  async text(name: string): Promise<string> {
    return (await this.get(name)).text();
  }

  /** @throws {ModelFormatError} file-missing, file-not-json */
  async json(name: string): Promise<Record<string, unknown>> {
    return parseJson(await this.text(name), name);
  }

  async findJson(name: string): Promise<Record<string, unknown> | undefined> {
    const file = await this.find(name);
    return file && parseJson(await file.text(), name);
  }

  /** Paths that are known to be there; null where only asking tells. */
  names(): string[] | null {
    if ('find' in this.source) return this.source.names();
    return 'files' in this.source ? [...this.source.files.keys()] : null;
  }

  /** The weights, where they are no safetensors files. */
  weights(): WeightSource | null {
    return 'find' in this.source ? (this.source.weights?.() ?? null) : null;
  }

  /** Waits for what is still coming in, and for the check of every file that was read. */
  async finish(): Promise<void> {
    if ('find' in this.source) await this.source.finish?.();
  }

  async #load(name: string): Promise<ModelFile | undefined> {
    if ('find' in this.source) return this.source.find(name);
    if ('files' in this.source) return this.source.files.get(name);
    const url = `${this.source.url.replace(/\/$/, '')}/${name}`;
    try {
      return await this.#fetch(url, name);
    } catch (cause) {
      if (cause instanceof ModelFormatError) throw cause;
      // fetch rejects with a bare TypeError, also when the connection ends half-way.
      throw new ModelFormatError('file-unreadable', {
        message: `${url} could not be read: ${cause instanceof Error ? cause.message : String(cause)}. Check the address and your connection.`,
        cause,
      });
    }
  }

  async #fetch(url: string, name: string): Promise<Blob | undefined> {
    const response = await fetch(url);
    // A dev server answers an unknown path with its index page instead of 404.
    if (response.status === 404 || response.headers.get('content-type')?.startsWith('text/html'))
      return undefined;
    if (!response.ok || !response.body)
      throw new ModelFormatError('file-unreadable', {
        message: `${url} answered ${response.status} ${response.statusText}. Check the address and your connection.`,
      });
    const total = Number(response.headers.get('content-length') ?? 0);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let loaded = 0;
    for (const reader = response.body.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      this.onProgress?.((loaded += value.length), total, name);
    }
    return new Blob(parts);
  }
}

/** The names that matter in a message: those at the top, and not hundreds. */
function listed(names: string[]): string {
  const top = names.filter(name => !name.includes('/')).sort();
  const more = top.length - MOST_LISTED;
  return top.slice(0, MOST_LISTED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function parseJson(text: string, name: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ModelFormatError('file-not-json', {
      message: `${name} is not valid JSON. Download it again.`,
      cause,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ModelFormatError('file-not-json', { message: `${name} does not hold a JSON object.` });
  return value as Record<string, unknown>;
}

/** Sends a run's adapter or model to a Hub repository, with a card that says what it is and what it scores. */
import { parseModelName, readTypedModelName, type HubName } from '../config/model-name.ts';
import { CodedError } from '../errors.ts';
import { modelCard } from '../storage/export/model-card.ts';
import { evaluationsOf } from '../storage/metrics.ts';
import type { RunRow } from '../storage/schema.ts';
import { baseModelOf } from './model-source.ts';

/** The Hub did not take what was sent; what was trained is untouched. */
export class PushError extends CodedError {
  override readonly name = 'PushError';
}

export interface PushOptions {
  /** `owner/name`; made when it is not there. */
  repo: string;
  kind: 'adapter' | 'model';
  /** An access token that may write. */
  token: string;
  private: boolean;
  /** Bytes that have arrived, of all. */
  onProgress(sent: number, total: number): void;
}

/**
 * Makes the repository where needed and sends all files in one commit.
 * @param files  of the export, with the run's record
 * @returns the commit's address
 * @throws {PushError} push-refused, push-failed; model-name-invalid for the repository's name
 */
export async function pushToHub(
  run: RunRow,
  files: ReadonlyMap<string, Uint8Array>,
  options: PushOptions,
): Promise<string> {
  const target = readTypedModelName(options.repo);
  if (target.kind !== 'hub')
    throw new PushError('push-refused', { message: `“${options.repo}” is no repository: write owner/name.` });
  const card = modelCard({
    repo: target.repo,
    kind: options.kind,
    base: (await baseModelOf(run.config.model)).name,
    readsImages: readsImages(files),
    config: run.config,
    step: run.step,
    evaluations: (await evaluationsOf(run.id)).map(row => row.result),
  });
  const all = new Map<string, Blob>([['README.md', new Blob([card])]]);
  for (const [path, bytes] of files) all.set(path, new Blob([bytes as Uint8Array<ArrayBuffer>]));
  try {
    return await send(target, all, run, options);
  } catch (error) {
    throw worded(error, target);
  }
}

/** By the configuration of a model, or by the names that an adapter's layers have in one with a vision side. */
export function readsImages(files: ReadonlyMap<string, Uint8Array>): boolean {
  const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
  const config = files.get('config.json');
  if (config) return 'vision_config' in (JSON.parse(text(config)) as object);
  const weights = files.get('adapter_model.safetensors');
  if (!weights) return false;
  const length = new DataView(weights.buffer, weights.byteOffset).getBigUint64(0, true);
  return text(weights.subarray(8, 8 + Number(length))).includes('.language_model.');
}

async function send(
  { endpoint, repo }: HubName,
  files: ReadonlyMap<string, Blob>,
  run: RunRow,
  { token, private: hidden, onProgress }: PushOptions,
): Promise<string> {
  const { createRepo, uploadFilesWithProgress } = await import('@huggingface/hub');
  const where = { repo: { type: 'model' as const, name: repo }, hubUrl: endpoint, accessToken: token };
  await createRepo({ ...where, visibility: hidden ? 'private' : 'public' }).catch(error => {
    // It is there already: this commit is its next one.
    if (statusOf(error) !== 409) throw error;
  });
  const total = [...files.values()].reduce((sum, { size }) => sum + size, 0);
  const sent = new Map<string, number>();
  const upload = uploadFilesWithProgress({
    ...where,
    files: [...files].map(([path, content]) => ({ path, content })),
    commitTitle: `${run.name}, step ${run.step}`,
  });
  for (;;) {
    const { done, value } = await upload.next();
    if (done) return value?.commit.url ?? `${endpoint}/${repo}`;
    if (value.event !== 'fileProgress' || value.state !== 'uploading') continue;
    sent.set(value.path, value.progress * (files.get(value.path)?.size ?? 0));
    onProgress(
      [...sent.values()].reduce((sum, bytes) => sum + bytes, 0),
      total,
    );
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : undefined;
}

function worded(cause: unknown, { endpoint, repo }: HubName): PushError {
  const status = statusOf(cause);
  const { host } = new URL(endpoint);
  if (status === 401 || status === 403)
    return new PushError('push-refused', {
      message: `${host} does not let this token write to ${repo} (${status}). Give one with write access to it, or name a repository of your own.`,
      cause,
    });
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new PushError('push-failed', {
    message: `${repo} was not changed: ${detail}. Try again; nothing of the run is lost.`,
    cause,
  });
}

/** The repository that an earlier run was loaded from, as a proposal for a name. */
export function proposedName(run: RunRow): string {
  const name = parseModelName(run.config.model);
  const base = name.kind === 'hub' ? name.repo.split('/')[1] : 'nano';
  return `${base}-${run.name.replaceAll(' ', '-')}`;
}

/** What a Hub repository holds at one commit, with every file's size and checksum: one request before anything is downloaded. */
import * as v from 'valibot';
import { isCommit, type HubName } from '../../config/model-name.ts';
import { checkAnswer } from './answers.ts';
import type { Checksum } from './digest.ts';
import { SourceError } from './errors.ts';
import { waitAfter, type Patience } from './patience.ts';

export interface ListedFile {
  path: string;
  size: number;
  checksum: Checksum;
}

export interface HubListing {
  /** The commit that the revision stood for, 40 hex digits. */
  commit: string;
  files: ListedFile[];
}

const Sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const Size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** The Hub's answer to /api/models/{repo}/revision/{revision}?blobs=true, as far as it is used. */
const Answer = v.object({
  sha: v.pipe(v.string(), v.check(isCommit)),
  siblings: v.array(
    v.object({
      // A path that leads out of the folder is no file of it.
      rfilename: v.pipe(
        v.string(),
        v.check(path => path.split('/').every(part => part !== '' && part !== '..' && part !== '.')),
      ),
      size: Size,
      blobId: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/))),
      lfs: v.optional(v.object({ sha256: Sha256, size: Size })),
    }),
  ),
});

export interface ListingOptions extends Patience {
  token?: string;
}

/** @throws {SourceError} repo-missing, revision-missing, repo-gated, access-denied, rate-limited, server-unreachable, answer-invalid */
export async function listHub(name: HubName, options: ListingOptions = {}): Promise<HubListing> {
  const { endpoint, repo, revision } = name;
  const url = `${endpoint}/api/models/${repo}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const what = `${repo} at ${revision}`;
  const answer = await ask(url, what, options);
  const parsed = v.safeParse(Answer, answer);
  if (!parsed.success)
    throw new SourceError('answer-invalid', {
      message: `${new URL(url).host} gave a listing of ${what} that cannot be read (${v.summarize(parsed.issues).split('\n')[0]}). Is it a Hugging Face Hub?`,
    });
  const files = parsed.output.siblings.flatMap(({ rfilename: path, size, blobId, lfs }): ListedFile[] => {
    if (lfs) return [{ path, size: lfs.size, checksum: { sha256: lfs.sha256 } }];
    return blobId ? [{ path, size, checksum: { git: blobId } }] : [];
  });
  return { commit: parsed.output.sha, files };
}

async function ask(url: string, what: string, options: ListingOptions): Promise<unknown> {
  const { token, signal } = options;
  const headers = token ? { Authorization: `Bearer ${token}` } : undefined;
  for (let failures = 1; ; failures++) {
    try {
      const response = await fetch(url, { headers, signal, cache: 'no-store' });
      checkAnswer(response, what, token !== undefined);
      return (await response.json()) as unknown;
    } catch (error) {
      await waitAfter(error, failures, what, options);
    }
  }
}

/** What a server's answer means for a download: go on, come back later, or give up with a reason. */
import { SourceError } from './errors.ts';

/** An answer after which the same request may succeed. */
export class Temporary extends Error {
  override readonly name = 'Temporary';

  constructor(
    /** What to say when there is no end of it. */
    readonly reason: SourceError,
    /** Seconds that the server asks to wait; undefined where it does not say. */
    readonly seconds?: number,
  ) {
    super(reason.message);
  }
}

/** Headers of the Hub, which it lets pages of any origin read. */
const ERROR_CODE = 'x-error-code';

/**
 * @param what  the file or listing that was asked for, for messages.
 * @param token  whether a token was sent.
 * @throws {SourceError} for good; {Temporary} when it is worth asking again.
 */
export function checkAnswer(response: Response, what: string, token: boolean): void {
  if (response.ok) return;
  const { status } = response;
  const hubCode = response.headers.get(ERROR_CODE);
  const host = new URL(response.url || 'http://unknown').host;
  if (status === 429) {
    const seconds = Number(response.headers.get('retry-after') ?? NaN);
    const reason = new SourceError('rate-limited', {
      message: `${host} has had too many requests for now (429) and goes on saying so for ${what}. Wait some minutes, then try again; what was downloaded is kept.`,
    });
    throw new Temporary(reason, Number.isFinite(seconds) ? seconds : undefined);
  }
  if (status >= 500) throw new Temporary(unreachable(what, `${host} answered ${status}`));
  // A signed address that has run out: the next request is sent to a fresh one.
  if (status === 403 && response.redirected && !hubCode)
    throw new Temporary(
      new SourceError('access-denied', {
        message: `${host} refuses ${what} (403), also through a freshly signed address. Check that this network and this computer's clock let it through.`,
      }),
      0,
    );
  throw refusal(response, what, token, hubCode, host);
}

/** @param detail  what happened, without a full stop */
export function unreachable(what: string, detail: string, cause?: unknown): SourceError {
  return new SourceError('server-unreachable', {
    message: `${what} could not be read: ${detail}. Check the address and your connection, then try again; what was downloaded is kept.`,
    cause,
  });
}

function refusal(
  { status, statusText }: Response,
  what: string,
  token: boolean,
  hubCode: string | null,
  host: string,
): SourceError {
  if (hubCode === 'GatedRepo')
    return new SourceError('repo-gated', {
      message: `${what} is in a gated repository. Ask for access on its page at ${host}${token ? '; your token does not have it yet' : ', then sign in or give an access token here'}.`,
    });
  if (status === 401 && hubCode === 'RepoNotFound')
    return new SourceError('repo-missing', {
      message: `${host} has no repository for ${what}${token ? ' that your token may read' : ', or it is private: then sign in or give an access token'}. Check its name.`,
    });
  if (hubCode === 'RepoNotFound')
    return new SourceError('repo-missing', {
      message: `${host} has no repository for ${what}. Check its name.`,
    });
  if (hubCode === 'RevisionNotFound')
    return new SourceError('revision-missing', {
      message: `${host} has no such revision for ${what}. Name a branch, a tag or a commit that is there.`,
    });
  if (status === 404)
    return new SourceError('file-missing', {
      message: `${what} is not at ${host} (404). Check the address; if it was listed before, look the model up again.`,
    });
  if (status === 401 || status === 403)
    return new SourceError('access-denied', {
      message: `${host} refuses ${what} (${status}). ${token ? 'The access token is not valid for it: give another one.' : 'Sign in or give an access token.'}`,
    });
  return new SourceError('answer-invalid', {
    message: `${host} answered ${status} ${statusText} for ${what}. Check the address.`,
  });
}

/** Why files of a model could not be had from where they lie. */
import { CodedError } from '../../errors.ts';

export type SourceErrorCode =
  /** There is no such repository, or it is private and no token was given. */
  | 'repo-missing'
  /** The repository has no such branch, tag or commit. */
  | 'revision-missing'
  /** The file is not there any more. */
  | 'file-missing'
  /** The repository's owner grants access on request. */
  | 'repo-gated'
  /** The server wants a token, or another one. */
  | 'access-denied'
  /** The server goes on asking to come back later. */
  | 'rate-limited'
  /** The server fails, or cannot be reached, however often it is asked. */
  | 'server-unreachable'
  /** The file's length is not what was announced. */
  | 'size-mismatch'
  /** The bytes are not those that were announced. */
  | 'hash-mismatch'
  /** An answer that means nothing here. */
  | 'answer-invalid'
  /** The person, or the end of the run, stopped it. */
  | 'download-cancelled'
  /** A repository of several models, or of none that can be loaded. */
  | 'model-ambiguous';

export class SourceError extends CodedError {
  override readonly name = 'SourceError';

  constructor(
    override readonly code: SourceErrorCode,
    options: { message: string; cause?: unknown },
  ) {
    super(code, options);
  }
}

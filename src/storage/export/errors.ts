/** Why a file that someone brought cannot be taken in. */
import { CodedError } from '../../errors.ts';

export type ImportErrorCode =
  /** Neither a zip nor a set of files that belong to a model. */
  | 'import-not-a-zip'
  /** A zip that ends early or has a damaged entry. */
  | 'import-damaged'
  /** More than the page can hold. */
  | 'import-too-large'
  /** Files that a model folder or an adapter needs are not there. */
  | 'import-missing-files'
  /** A file is there and is not what its name says. */
  | 'import-bad-file';

/** A refused import; nothing of it was stored. */
export class ImportError extends CodedError {
  override readonly name = 'ImportError';

  constructor(
    override readonly code: ImportErrorCode,
    options: { message: string; cause?: unknown },
  ) {
    super(code, options);
  }
}

/** What can be wrong with a model folder, an adapter or an input to a policy. */
import { CodedError } from '../errors.ts';

/** A file of a model folder or adapter that cannot be used: missing, malformed, or of an unsupported kind. */
export class ModelFormatError extends CodedError {
  override readonly name = 'ModelFormatError';
}

/** A call that the policy cannot serve: images for a text-only model, sequences that are too long, and so on. */
export class ModelInputError extends CodedError {
  override readonly name = 'ModelInputError';
}

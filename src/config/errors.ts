/** What is wrong with a configuration, field by field. */
import { CodedError } from '../errors.ts';

export interface FieldProblem {
  /** Path of the field, such as `observation.axtree_max_chars`. */
  field: string;
  /** A sentence: the value, what is allowed, what to do. */
  message: string;
}

/** Code `bad-config`. The message lists every problem, one a line. */
export class ConfigError extends CodedError {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly FieldProblem[]) {
    super('bad-config', { message: problems.map(problem => problem.message).join('\n') });
  }
}

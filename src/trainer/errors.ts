/** What can end a run, besides the errors of the GPU, the model and the storage. */
import { CodedError } from '../errors.ts';

export type TrainerErrorCode =
  /** Another run or evaluation is under way in this worker. */
  | 'trainer-busy'
  /** Nothing was trained yet that could be exported. */
  | 'nothing-trained'
  /** Loss or gradient is NaN or infinite; the step was not applied. */
  | 'loss-not-finite'
  /** Every episode of a batch was lost to its environment. */
  | 'environment-failed'
  /** Settings that do not go together, or that this policy cannot follow. */
  | 'unsupported-setting'
  /** The user ended an evaluation, which then has no result. */
  | 'evaluation-stopped'
  /** A file of demonstrations is damaged, or was collected for other settings or another policy. */
  | 'demonstrations-unfit'
  /** A stored checkpoint does not fit the policy or its settings. */
  | 'checkpoint-mismatch';

export class TrainerError extends CodedError {
  override readonly name = 'TrainerError';

  constructor(
    override readonly code: TrainerErrorCode,
    options: { message: string; cause?: unknown },
  ) {
    super(code, options);
  }
}

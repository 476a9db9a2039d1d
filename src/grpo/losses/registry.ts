/** The losses a run may name as loss_type. A new loss is a file here, a line here, and its name in the configuration's type. */
import type { RunConfig } from '../../config.ts';
import { bnpo } from './bnpo.ts';
import { cispo } from './cispo.ts';
import { dapo } from './dapo.ts';
import { drGrpo } from './dr_grpo.ts';
import { grpo } from './grpo.ts';
import type { Loss } from './loss.ts';
import { luspo } from './luspo.ts';
import { sapo } from './sapo.ts';
import { vespo } from './vespo.ts';

export const LOSSES: Record<RunConfig['loss_type'], Loss> = {
  dapo,
  grpo,
  dr_grpo: drGrpo,
  bnpo,
  cispo,
  sapo,
  luspo,
  vespo,
};

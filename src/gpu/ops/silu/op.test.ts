import { checkOp, onBothBackends } from '../../testing.ts';
import { silu } from './op.ts';

onBothBackends('SiLU and its gradient hold, far from zero too', () =>
  checkOp(silu, x => x.map(value => value / (1 + Math.exp(-value))), [{ shape: [7, 9], scale: 6 }]),
);

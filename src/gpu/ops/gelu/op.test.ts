import { checkOp, onBothBackends } from '../../testing.ts';
import { gelu } from './op.ts';

/** erf by its Maclaurin series: exact to float64 for the |x| < 4 tested here. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

onBothBackends('GELU with erf and its gradient hold', () =>
  checkOp(
    x => gelu(x, 'erf'),
    x => x.map(value => 0.5 * value * (1 + erf(value * Math.SQRT1_2))),
    [{ shape: [5, 13] }],
  ),
);

onBothBackends('GELU with tanh and its gradient hold', () =>
  checkOp(
    x => gelu(x, 'tanh'),
    x => x.map(y => 0.5 * y * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (y + 0.044715 * y ** 3)))),
    [{ shape: [5, 13], scale: 2 }],
  ),
);

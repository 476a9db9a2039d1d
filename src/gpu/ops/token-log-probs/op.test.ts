import * as tf from '@tensorflow/tfjs-core';
import { readTensor } from '../../read.ts';
import { PackedWeight } from '../../packed/index.ts';
import { hashKey, normalArray } from '../../random.ts';
import { checkOp, expectClose, onBothBackends, type Plain } from '../../testing.ts';
import { tokenLogProbs } from './op.ts';

/** Row 0 log-probabilities, row 1 entropies. */
function plainBoth(D: number, targets: number[], temperature: number): Plain {
  return (h, e) => {
    const V = e.length / D;
    const N = targets.length;
    const out = new Float64Array(2 * N);
    for (let n = 0; n < N; n++) {
      const logits = Array.from({ length: V }, (_, v) => {
        let sum = 0;
        for (let i = 0; i < D; i++) sum += h[n * D + i] * e[v * D + i];
        return sum / temperature;
      });
      const top = Math.max(...logits);
      const lse = top + Math.log(logits.reduce((a, l) => a + Math.exp(l - top), 0));
      out[n] = logits[targets[n]] - lse;
      out[N + n] = lse - logits.reduce((a, l) => a + Math.exp(l - lse) * l, 0);
    }
    return out;
  };
}

for (const [N, D, V, temperature] of [
  [5, 7, 11, 1],
  [9, 12, 300, 0.7],
  [1, 3, 2, 2],
  [70, 8, 65, 1],
  [3, 5, 1100, 1],
]) {
  const targets = Array.from({ length: N }, (_, n) => hashKey(n, V) % V);
  const ids = { shape: [N], values: targets, dtype: 'int32' as const };
  const args = [{ shape: [N, D] }, { shape: [V, D] }, ids];
  onBothBackends(
    `log-probabilities of ${N} tokens of ${V} at temperature ${temperature} and gradients hold`,
    () =>
      checkOp(
        (h, e, t) =>
          tf.tidy(
            () => tokenLogProbs(h as tf.Tensor2D, e as tf.Tensor2D, t as tf.Tensor1D, temperature).logps,
          ),
        (h, e) => plainBoth(D, targets, temperature)(h, e).subarray(0, N),
        args,
      ),
  );
  onBothBackends(`gradients through entropies of ${N} tokens of ${V} hold`, () =>
    checkOp(
      (h, e, t) =>
        tf.tidy(
          () => tokenLogProbs(h as tf.Tensor2D, e as tf.Tensor2D, t as tf.Tensor1D, temperature).entropy,
        ),
      (h, e) => plainBoth(D, targets, temperature)(h, e).subarray(N),
      args,
    ),
  );
  onBothBackends(`entropies of ${N} tokens of ${V} at temperature ${temperature} hold`, async () => {
    const h = normalArray(1, N * D);
    const e = normalArray(2, V * D);
    const inputs: [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D] = [
      tf.tensor2d(h, [N, D]),
      tf.tensor2d(e, [V, D]),
      tf.tensor1d(targets, 'int32'),
    ];
    const { logps, entropy } = tokenLogProbs(...inputs, temperature);
    const expected = plainBoth(D, targets, temperature)(Float64Array.from(h), Float64Array.from(e));
    expectClose(await readTensor(entropy), expected.subarray(N), 1e-4);
    tf.dispose([inputs, logps, entropy]);
  });
}

for (const format of ['f16', 'int4'] as const)
  onBothBackends(`log-probabilities under a packed head (${format}) and their gradient hold`, async () => {
    const [N, D, V] = [5, 36, 300];
    const values = normalArray(3, V * D, 0, 0.3);
    const head = PackedWeight.pack(values, V, D, format);
    const stored = head.floats();
    const known = Float64Array.from(await readTensor(stored));
    stored.dispose();
    const targets = Array.from({ length: N }, (_, n) => hashKey(n, V) % V);
    const ids = { shape: [N], values: targets, dtype: 'int32' as const };
    await checkOp(
      (h, t) => tf.tidy(() => tokenLogProbs(h as tf.Tensor2D, head, t as tf.Tensor1D, 0.8).logps),
      h => plainBoth(D, targets, 0.8)(h, known).subarray(0, N),
      [{ shape: [N, D] }, ids],
    );
    head.dispose();
  });

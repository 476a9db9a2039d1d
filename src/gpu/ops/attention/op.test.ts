import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend } from '../../backend.ts';
import { normalArray } from '../../random.ts';
import { readTensor } from '../../read.ts';
import { checkOp, expectClose, onBothBackends, onHardwareForm, type Plain } from '../../testing.ts';
import { attention } from './op.ts';
import { attentionReference } from './reference.ts';

interface Case {
  B: number;
  H: number;
  Hk: number;
  Tq: number;
  Tk: number;
  d: number;
  causal: boolean;
}

function plainAttention(c: Case, scale: number): Plain {
  return (q, k, v) => {
    const out = new Float64Array(q.length);
    for (let row = 0; row < c.B * c.H * c.Tq; row++) {
      const i = row % c.Tq;
      const h = Math.floor(row / c.Tq) % c.H;
      const b = Math.floor(row / (c.Tq * c.H));
      const kv = (b * c.Hk + Math.floor(h / (c.H / c.Hk))) * c.Tk;
      const seen = c.causal ? c.Tk - c.Tq + i + 1 : c.Tk;
      const scores = Array.from({ length: seen }, (_, j) => {
        let sum = 0;
        for (let e = 0; e < c.d; e++) sum += q[row * c.d + e] * k[(kv + j) * c.d + e];
        return sum * scale;
      });
      const top = Math.max(...scores);
      const weights = scores.map(s => Math.exp(s - top));
      const total = weights.reduce((a, w) => a + w, 0);
      weights.forEach((w, j) => {
        for (let e = 0; e < c.d; e++) out[row * c.d + e] += (w / total) * v[(kv + j) * c.d + e];
      });
    }
    return out;
  };
}

const CASES: Case[] = [
  { B: 2, H: 4, Hk: 2, Tq: 7, Tk: 7, d: 6, causal: true },
  { B: 1, H: 3, Hk: 3, Tq: 5, Tk: 5, d: 5, causal: false },
  { B: 2, H: 4, Hk: 1, Tq: 3, Tk: 9, d: 8, causal: true },
  { B: 1, H: 6, Hk: 2, Tq: 4, Tk: 11, d: 4, causal: false },
  { B: 1, H: 1, Hk: 1, Tq: 131, Tk: 131, d: 2, causal: true },
  { B: 3, H: 2, Hk: 2, Tq: 1, Tk: 1, d: 3, causal: true },
];

function checkAttention(c: Case): Promise<void> {
  const scale = 1 / Math.sqrt(c.d);
  const kv = { shape: [c.B, c.Hk, c.Tk, c.d] };
  const op = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor): tf.Tensor =>
    attention(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D, { causal: c.causal, scale });
  return checkOp(op, plainAttention(c, scale), [{ shape: [c.B, c.H, c.Tq, c.d] }, kv, kv]);
}

for (const c of CASES) {
  const name = `${c.causal ? 'causal' : 'full'} attention, ${c.Tq} of ${c.Tk}, ${c.H} over ${c.Hk} heads of ${c.d}`;
  onBothBackends(`${name}, and its gradients hold`, () => checkAttention(c));
}

onHardwareForm('attention and its gradients hold, by four threads a row and by one', async () => {
  await checkAttention({ B: 2, H: 4, Hk: 2, Tq: 19, Tk: 19, d: 16, causal: true });
  await checkAttention({ B: 1, H: 2, Hk: 1, Tq: 5, Tk: 37, d: 16, causal: true });
  await checkAttention({ B: 1, H: 2, Hk: 2, Tq: 18, Tk: 33, d: 16, causal: false });
  await checkAttention({ B: 1, H: 3, Hk: 1, Tq: 4, Tk: 9, d: 5, causal: true });
  if (gpuBackend()!.gpu.name.includes('swiftshader')) return;
  await checkAttention({ B: 1, H: 4, Hk: 2, Tq: 70, Tk: 70, d: 64, causal: true });
});

onBothBackends('the kernel agrees with stock tfjs ops, values and gradients', async () => {
  const shapes: [number, number, number, number][] = [
    [2, 4, 9, 8],
    [2, 2, 9, 8],
    [2, 2, 9, 8],
  ];
  const inputs = shapes.map((shape, i) => tf.tensor4d(normalArray(i, tf.util.sizeFromShape(shape)), shape));
  const dy = tf.tensor4d(normalArray(9, inputs[0].size), shapes[0]);
  const o = { causal: true, scale: 0.4 };
  const grads = (f: typeof attention): tf.Tensor[] =>
    tf.grads((q, k, v) => tf.tidy(() => f(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D, o)))(
      inputs,
      dy,
    );
  const [got, expected] = [grads(attention), grads(attentionReference)];
  for (const i of [0, 1, 2]) expectClose(await readTensor(got[i]), await readTensor(expected[i]), 1e-5);
  tf.dispose([inputs, dy, got, expected]);
});

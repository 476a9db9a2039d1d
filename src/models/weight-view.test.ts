import * as tf from '@tensorflow/tfjs-core';
import { hashKey, normalArray, readTensor } from '../gpu/index.ts';
import { dropoutReference } from '../gpu/ops/dropout/reference.ts';
import { expectClose, onBothBackends } from '../gpu/testing.ts';
import { LoraAdapter } from './lora/adapter.ts';
import { linearSpecs } from './parameter-spec.ts';
import { Parameters } from './parameters.ts';
import { WeightView } from './weight-view.ts';

const [ROWS, INPUT, OUTPUT, RANK, ALPHA, RATE, KEY] = [5, 7, 6, 2, 3, 0.4, 12];

onBothBackends(
  'a layer with LoRA dropout is x Wᵀ + α/r · (dropout(x) Aᵀ) Bᵀ, as PEFT computes it',
  async () => {
    const parameters = Parameters.init(
      linearSpecs('layer', OUTPUT, INPUT, { bias: false, vision: false }),
      1,
      3,
    );
    const lora = {
      r: RANK,
      alpha: ALPHA,
      useRslora: false,
      targetModules: ['layer'],
      excludeModules: null,
      rankPattern: {},
      alphaPattern: {},
      dropout: RATE,
    };
    const adapter = LoraAdapter.init(lora, parameters.linears(), 1);
    const [a, b] = adapter.trainable().map(({ variable }) => variable);
    tf.tidy(() => b.assign(tf.tensor2d(normalArray(5, OUTPUT * RANK), [OUTPUT, RANK])));
    const x = tf.tensor2d(normalArray(4, ROWS * INPUT), [ROWS, INPUT]);
    const y = tf.tidy(() => new WeightView(parameters, adapter, KEY).linear('layer', x));
    const [xs, ws, as, bs] = await Promise.all([x, parameters.get('layer.weight'), a, b].map(readTensor));
    const dropped = new Float32Array(xs.length);
    dropoutReference(dropped, xs as Float32Array, RATE, hashKey(KEY, 'layer'));
    const expected = Array.from({ length: ROWS * OUTPUT }, (_, i) => {
      const [row, out] = [Math.floor(i / OUTPUT), i % OUTPUT];
      let sum = 0;
      for (let k = 0; k < INPUT; k++) {
        sum += xs[row * INPUT + k] * ws[out * INPUT + k];
        for (let r = 0; r < RANK; r++)
          sum += (ALPHA / RANK) * dropped[row * INPUT + k] * as[r * INPUT + k] * bs[out * RANK + r];
      }
      return sum;
    });
    expectClose(await readTensor(y), expected, 1e-5);
    tf.dispose([x, y]);
    adapter.dispose();
    parameters.dispose();
  },
);

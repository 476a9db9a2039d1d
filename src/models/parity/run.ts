/** Every comparison of one folder on the backend that is started. */
import * as tf from '@tensorflow/tfjs-core';
import type { WeightFormat } from '../../gpu/index.ts';
import { loadPolicy } from '../load.ts';
import { compareCase } from './case.ts';
import { compareGrpo } from './grpo.ts';
import { readCases, type Files } from './reference.ts';
import type { ParityRow } from './report.ts';

/** @throws {ModelFormatError} when the folder cannot be loaded */
export async function compareFolder(files: Files, weights: WeightFormat = 'f32'): Promise<ParityRow[]> {
  const policy = await loadPolicy({ files }, undefined, weights);
  try {
    const cases = await readCases(files);
    const rows: Omit<ParityRow, 'backend'>[] = [];
    for (const reference of cases) rows.push(await compareCase(policy, reference));
    if (files.has('grpo.json')) rows.push(await compareGrpo(policy, files, cases));
    return rows.map(row => ({ backend: tf.getBackend(), ...row }));
  } finally {
    policy.dispose();
  }
}

/** What a run is computed with, for whoever wants the same numbers again. */
import * as tf from '@tensorflow/tfjs-core';
import { version } from '../../package.json';
import type { Software } from '../protocol.ts';

export function software(): Software {
  return {
    versions: { 'browser-grpo': version, '@tensorflow/tfjs-core': tf.version_core },
    userAgent: navigator.userAgent,
  };
}

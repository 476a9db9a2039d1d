/** What a comparison with a reference yields, what is tolerated, and how the command and the page speak of it. */
import type { WeightFormat } from '../../gpu/index.ts';
import type { ErrorInfo } from '../../errors.ts';

/** Largest errors allowed. Sums of some thousand float32 terms in another order differ by about 1e-5; these leave room for depth. */
export const TOLERANCES = {
  /** Pixel values, in grey levels (1 level = 2/255): PIL and torchvision round differently by at most one. */
  pixels: 1.01,
  features: 2e-4,
  logits: 2e-4,
  logps: 1e-4,
  loss: 1e-5,
  /** Norm of the difference over norm of the reference, per parameter. */
  gradients: 1e-3,
} as const;

export type Measure = keyof typeof TOLERANCES;

export interface ParityRow {
  backend: string;
  /** `case 0`, or `grpo`. */
  name: string;
  /** Measures that apply to this row. */
  errors: Partial<Record<Measure, number>>;
  /** Exact properties: token ids, the greedy completion. */
  equal: { ids?: boolean; greedy?: boolean };
  /** What is worth saying when something is off. */
  notes: string[];
}

/** Sentences about what is out of tolerance; empty when the row holds. */
export function violations({ name, backend, errors, equal, notes }: ParityRow): string[] {
  const where = `${name} on ${backend}`;
  const wrong = Object.entries(errors).flatMap(([measure, error]) => {
    const limit = TOLERANCES[measure as Measure];
    // A NaN is never within a limit.
    return error <= limit ? [] : [`${where}: ${measure} off by ${error.toExponential(2)}, allowed ${limit}`];
  });
  for (const [property, holds] of Object.entries(equal))
    if (!holds) wrong.push(`${where}: ${property} differ`);
  return [...wrong, ...notes.map(note => `${where}: ${note}`)];
}

/** What the page is asked: a folder served below `base`, on a backend. */
export interface ParityRequest {
  base: string;
  paths: string[];
  backend: 'webgpu' | 'wasm';
  /** How the matrices are held. */
  weights: WeightFormat;
  /** Whether files for a check in Python are wanted too. */
  exported: boolean;
}

export type ParityReply =
  | { rows: ParityRow[]; /** Bytes in base64, by path. */ exported: Record<string, string> }
  | { error: ErrorInfo };

declare global {
  /** Set by the parity page for scripts/parity.ts. */
  var compareFolderAt: ((request: ParityRequest) => Promise<ParityReply>) | undefined;
}

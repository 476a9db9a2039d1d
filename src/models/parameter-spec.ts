/** What a family says about its weights: names, shapes and how a fresh one starts. */

export interface ParameterSpec {
  /** Canonical name: as the current transformers writes it. */
  name: string;
  shape: number[];
  init: 'normal' | 'ones' | 'zeros';
  /** Part of the vision side: tower or projector. */
  vision: boolean;
  /** A table of positions, which tensor ops resample. */
  positions?: true;
}

/** Whether it may be held in fewer bits: the matrices of linear layers, embeddings and heads. */
export function isPackable({ shape, positions }: ParameterSpec): boolean {
  return shape.length === 2 && !positions;
}

/** Specs of one linear layer; `path` is the module's name, the weight [output, input] as PyTorch keeps it. */
export function linearSpecs(
  path: string,
  output: number,
  input: number,
  options: { bias: boolean; vision: boolean },
): ParameterSpec[] {
  const weight: ParameterSpec = {
    name: `${path}.weight`,
    shape: [output, input],
    init: 'normal',
    vision: options.vision,
  };
  const bias: ParameterSpec = {
    name: `${path}.bias`,
    shape: [output],
    init: 'zeros',
    vision: options.vision,
  };
  return options.bias ? [weight, bias] : [weight];
}

/** Specs of a LayerNorm. */
export function layerNormSpecs(path: string, size: number, vision: boolean): ParameterSpec[] {
  return [
    { name: `${path}.weight`, shape: [size], init: 'ones', vision },
    { name: `${path}.bias`, shape: [size], init: 'zeros', vision },
  ];
}

/** Spec of an RMSNorm of a language model. */
export function rmsNormSpec(path: string, size: number): ParameterSpec {
  return { name: `${path}.weight`, shape: [size], init: 'ones', vision: false };
}

/** Spec of a table of a language model with a row for each token: embeddings or the head. */
export function tokenTableSpec(
  name: string,
  { vocabularySize, hiddenSize }: { vocabularySize: number; hiddenSize: number },
): ParameterSpec {
  return { name, shape: [vocabularySize, hiddenSize], init: 'normal', vision: false };
}

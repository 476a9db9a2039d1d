/** What a model family provides; a folder of src/models implements it and families.ts lists it. */
import type { ChatTemplate } from './chat-template.ts';
import type { ConfigReader } from './config-reader.ts';
import type { ModelFolder } from './folder.ts';
import type { ModelFiles } from './model-files.ts';
import type { ParameterSpec } from './parameter-spec.ts';
import type { Canonical, Parameters } from './parameters.ts';
import type { Policy } from './policy.ts';
import type { HubTokenizer } from './tokenizer.ts';

/** What every family is built from. */
export interface PolicyParts {
  folder: ModelFolder;
  files: ModelFiles;
  parameters: Parameters;
  tokenizer: HubTokenizer;
  template: ChatTemplate;
  /** Rows of a head of that many rows that no token of the tokenizer has, and tokens for which `also` holds. */
  unusedRows(vocabularySize: number, also?: (token: string) => boolean): Int32Array;
}

/** A family's reading of one config.json. */
export interface ModelDescription {
  specs: ParameterSpec[];
  /** Standard deviation of freshly initialised matrices. */
  initializerRange: number;
  canonical: Canonical;
  /** Most tokens of prompts that its decode plan reads at once, where it has one; without one all are. */
  prefillTokens?: number;
  build(parts: PolicyParts): Promise<Policy>;
}

export interface Family {
  /** config.json's model_type. */
  modelType: string;
  /** Names of published models, for people. */
  models: string;
  /** @throws {ModelFormatError} config-invalid */
  describe(config: ConfigReader): ModelDescription;
}

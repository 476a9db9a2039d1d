/** Makes a policy from a folder in Hub layout, or a fresh one from its configuration. */
import type { WeightFormat } from '../gpu/index.ts';
import { ChatTemplate } from './chat-template.ts';
import { ConfigReader } from './config-reader.ts';
import { findFamily } from './families.ts';
import type { PolicyParts } from './family.ts';
import { ModelFolder } from './folder.ts';
import { asGguf } from './gguf/choose.ts';
import { withHeadAsStored } from './head.ts';
import { ModelFiles } from './model-files.ts';
import { Parameters } from './parameters.ts';
import type { LoadProgress, Policy, PolicySource } from './policy.ts';
import { WeightFiles } from './safetensors/weights.ts';
import { HubTokenizer } from './tokenizer.ts';

/**
 * Loads config.json, the weights (one file or shards), tokenizer.json, the chat template and, with vision, the processor's
 * settings. Needs a backend (startBackend). Nothing trains until setTrainable or importAdapter.
 * @param format  of the matrices: other than f32 they are packed, take less memory and time, and cannot train themselves
 * @throws {ModelFormatError} naming the file, what is wrong with it and what to do
 */
export async function loadPolicy(
  source: PolicySource,
  onProgress?: LoadProgress,
  format: WeightFormat = 'f32',
): Promise<Policy> {
  const folder = await openFolder(source, onProgress);
  const found = await folder.json('config.json');
  const family = findFamily(found.model_type);
  const described = family.describe(new ConfigReader(found, 'config.json'));
  const shared = await readTexts(folder, found);
  const weights = folder.weights() ?? (await WeightFiles.open(folder));
  const config = await withHeadAsStored(found, described, weights);
  const model = config === found ? described : family.describe(new ConfigReader(config, 'config.json'));
  const parameters = await Parameters.load(model.specs, weights, model.canonical, format);
  try {
    const files = new ModelFiles(folder, config, model.canonical, weights);
    const policy = await model.build({ ...shared, folder, files, parameters });
    // Last: what a family reads of the folder is checked with the rest.
    await folder.finish();
    return policy;
  } catch (error) {
    parameters.dispose();
    throw error;
  }
}

/** How fresh weights come about: a function of the seed alone, or quickly on the GPU. */
export type Initialization = 'init' | 'random';

/**
 * A freshly initialised policy: normal(0, initializer_range) matrices, ones for norms, zeros for biases; a function of the seed.
 * @param config  config.json
 * @param files  tokenizer.json, chat_template.jinja and the rest of a model folder but its weights
 * @param format  as in loadPolicy
 */
export async function initPolicy(
  config: Record<string, unknown>,
  files: Map<string, Blob>,
  seed: number,
  how: Initialization = 'init',
  format: WeightFormat = 'f32',
): Promise<Policy> {
  const folder = new ModelFolder({ files });
  const model = findFamily(config.model_type).describe(new ConfigReader(config, 'config.json'));
  const shared = await readTexts(folder, config);
  const parameters = Parameters[how](model.specs, model.initializerRange, seed, format);
  return model.build({
    ...shared,
    folder,
    files: new ModelFiles(folder, config, model.canonical, null),
    parameters,
  });
}

/** Files that are a GGUF model stand for the folder that they were made from. */
async function openFolder(source: PolicySource, onProgress?: LoadProgress): Promise<ModelFolder> {
  if (!('files' in source)) return new ModelFolder(source, onProgress);
  const { files } = source;
  const named = {
    label: 'the model folder',
    find: async (name: string) => files.get(name),
    names: () => [...files.keys()],
  };
  return new ModelFolder((await asGguf(named)) ?? source, onProgress);
}

async function readTexts(
  folder: ModelFolder,
  config: Record<string, unknown>,
): Promise<Pick<PolicyParts, 'tokenizer' | 'template' | 'unusedRows'>> {
  const tokenizer = await HubTokenizer.open(folder, { ...(config.text_config as object), ...config });
  const template = await ChatTemplate.open(folder, tokenizer.specialTokens);
  return {
    tokenizer,
    template,
    unusedRows: (vocabularySize, also = () => false) => {
      const tokens = tokenizer.tokensById();
      const rows = Array.from({ length: vocabularySize }, (_, id) => id);
      return Int32Array.from(rows.filter(id => !tokens.has(id) || also(tokens.get(id)!)));
    },
  };
}

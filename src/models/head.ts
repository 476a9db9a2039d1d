/** Whether a language model's head is a matrix of its own: what the weights hold decides, as in transformers. */
import type { ModelDescription } from './family.ts';
import type { WeightSource } from './weight-source.ts';

/** Canonical name, in every family. */
export const HEAD = 'lm_head.weight';

/** Values compared at once. */
const PIECE = 1 << 20;

/**
 * config.json in agreement with the weights about the head. One that is stored and differs from the table of embeddings is the
 * model's own even where config.json says that they are tied; one that config.json asks for and nobody stored is tied.
 * @param model  what `config` describes
 * @returns `config` itself where it agrees
 * @see transformers PreTrainedModel.tie_weights (5.24): "both are present … with different values, so we will NOT tie them"
 */
export async function withHeadAsStored(
  config: Record<string, unknown>,
  { specs, canonical }: Pick<ModelDescription, 'specs' | 'canonical'>,
  weights: WeightSource,
): Promise<Record<string, unknown>> {
  const stored = new Map(weights.names().map(name => [canonical(name), name]));
  const asked = specs.some(({ name }) => name === HEAD);
  const head = stored.get(HEAD);
  const table = stored.get(specs.find(({ name }) => name.endsWith('embed_tokens.weight'))?.name ?? '');
  const differs = async (): Promise<boolean> =>
    table !== undefined && !(await areEqual(weights, head!, table));
  const own = head !== undefined && (asked || (await differs()));
  return own === asked ? config : saying(config, !own);
}

async function areEqual(weights: WeightSource, one: string, other: string): Promise<boolean> {
  if (weights.shape(one).join() !== weights.shape(other).join()) return false;
  const others = weights.pieces(other, PIECE);
  try {
    for await (const piece of weights.pieces(one, PIECE)) {
      const { value } = await others.next();
      if (value?.length !== piece.length || piece.some((each, i) => each !== value[i])) return false;
    }
    return true;
  } finally {
    await others.return(undefined);
  }
}

/** In the place where transformers looks now, and nowhere else otherwise: `tie_embedding` is what LiquidAI's first files said. */
function saying(config: Record<string, unknown>, tied: boolean): Record<string, unknown> {
  const said = { ...config, tie_word_embeddings: tied };
  delete (said as Record<string, unknown>).tie_embedding;
  const { text_config: text } = config;
  return text ? { ...said, text_config: saying(text as Record<string, unknown>, tied) } : said;
}

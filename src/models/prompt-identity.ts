/** When two prompts are one: what is computed of a prompt is then shared. */
import type { Prompt } from './policy.ts';

/** Equal for prompts of equal tokens and images. */
export function promptIdentity({ ids, images }: Pick<Prompt, 'ids' | 'images'>): string {
  return [ids.join(','), ...images.map(image => image.key)].join(';');
}

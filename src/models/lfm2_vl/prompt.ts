/** Puts images into a rendered chat: each `<image>` becomes its markers and as many placeholders as it has features. */
import { ModelInputError } from '../errors.ts';
import type { ChatMessage, Pixels, PolicyTokenizer, Prompt } from '../policy.ts';
import type { ImageConfig } from './image-config.ts';
import { IMAGE_TOKEN, processImage } from './image-processor.ts';

/**
 * Chat messages whose texts cannot be taken for images: a page under control may well contain the word `<image>`.
 * Left as they are when the images are not given as parts, since then the texts must hold the placeholders.
 */
export function defuseTexts(messages: ChatMessage[], images: number): ChatMessage[] {
  const defuse = (text: string): string => text.replaceAll(IMAGE_TOKEN, '<image >');
  const parts = messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content));
  if (parts.filter(part => part.type === 'image').length !== images) return messages;
  return messages.map(({ role, content }) => ({
    role,
    content:
      typeof content === 'string'
        ? defuse(content)
        : content.map(part => (part.type === 'text' ? { ...part, text: defuse(part.text) } : part)),
  }));
}

/** @throws {ModelInputError} image-count when placeholders and images differ in number */
export function expandImages(
  text: string,
  images: Pixels[],
  config: ImageConfig,
  tokenizer: PolicyTokenizer,
): Prompt {
  const pieces = text.split(IMAGE_TOKEN);
  if (pieces.length - 1 !== images.length)
    throw new ModelInputError('image-count', {
      message: `The chat has ${pieces.length - 1} image placeholders, but ${images.length} images were given.`,
    });
  const processed = images.map(image => processImage(image, config));
  const expanded = pieces.map((piece, index) => piece + (processed[index]?.text ?? '')).join('');
  return { ids: tokenizer.encode(expanded), images: processed.flatMap(({ patches }) => patches), text };
}

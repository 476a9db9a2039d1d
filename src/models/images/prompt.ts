/** Puts images into a rendered chat: each placeholder becomes the image's markers and as many placeholders as it has features. */
import { ModelInputError } from '../errors.ts';
import type { ChatMessage, ImagePatches, Pixels, PolicyTokenizer, Prompt } from '../policy.ts';

export interface ProcessedImage {
  /** In the order of their placeholders. */
  patches: ImagePatches[];
  /** What replaces the placeholder in the rendered chat. */
  text: string;
}

/** How a family writes images. */
export interface ImageWriting {
  /** The placeholder's string, which ends in `>`. */
  token: string;
  /** @throws {ModelInputError} image-invalid */
  process(image: Pixels): ProcessedImage;
}

/**
 * Chat messages whose texts cannot be taken for images: a page under control may well contain the word `<image>`.
 * Left as they are when the images are not given as parts, since then the texts must hold the placeholders.
 */
function defuseTexts(messages: ChatMessage[], images: number, token: string): ChatMessage[] {
  const defuse = (text: string): string => text.replaceAll(token, `${token.slice(0, -1)} >`);
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

/** @throws {ModelInputError} image-count when placeholders and images differ in number, and what `process` throws */
export function preparePrompt(
  messages: ChatMessage[],
  images: Pixels[],
  render: (messages: ChatMessage[]) => string,
  { token, process }: ImageWriting,
  tokenizer: PolicyTokenizer,
): Prompt {
  const text = render(defuseTexts(messages, images.length, token));
  const pieces = text.split(token);
  if (pieces.length - 1 !== images.length)
    throw new ModelInputError('image-count', {
      message: `The chat has ${pieces.length - 1} image placeholders, but ${images.length} images were given.`,
    });
  const processed = images.map(process);
  const expanded = pieces.map((piece, index) => piece + (processed[index]?.text ?? '')).join('');
  return { ids: tokenizer.encode(expanded), images: processed.flatMap(({ patches }) => patches), text };
}

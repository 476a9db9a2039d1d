/** A model's own chat template, rendered by @huggingface/jinja. */
import { Template } from '@huggingface/jinja';
import { ModelFormatError } from './errors.ts';
import type { ModelFolder } from './folder.ts';
import type { ChatMessage } from './policy.ts';

export class ChatTemplate {
  readonly #template: Template;

  constructor(
    source: string,
    private readonly specialTokens: Record<string, string>,
  ) {
    try {
      this.#template = new Template(source);
    } catch (cause) {
      throw new ModelFormatError('chat-template-invalid', {
        message: `The chat template does not parse: ${cause instanceof Error ? cause.message : String(cause)}`,
        cause,
      });
    }
  }

  /** Looks where the Hub keeps it: chat_template.jinja, chat_template.json, tokenizer_config.json. @throws {ModelFormatError} file-missing */
  static async open(folder: ModelFolder, specialTokens: Record<string, string>): Promise<ChatTemplate> {
    const jinja = await folder.find('chat_template.jinja');
    if (jinja) return new ChatTemplate(await jinja.text(), specialTokens);
    for (const name of ['chat_template.json', 'tokenizer_config.json']) {
      const source = (await folder.findJson(name))?.chat_template;
      if (typeof source === 'string') return new ChatTemplate(source, specialTokens);
    }
    await folder.get('chat_template.jinja');
    throw new ModelFormatError('file-missing', {
      message: `chat_template.jinja is missing from ${folder.label}.`,
    });
  }

  /** The conversation with the prompt for the assistant's next turn. */
  render(messages: ChatMessage[]): string {
    return this.#template.render({ messages, add_generation_prompt: true, ...this.specialTokens });
  }
}

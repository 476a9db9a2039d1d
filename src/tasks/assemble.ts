/** Puts a task's page and the files that it shares with others together, from their texts: no bundler's words in here. */
import { CodedError } from '../errors.ts';

/** A task that is asked for and is not there, or a page that asks for a file which is not. */
export class TaskError extends CodedError {
  override readonly name = 'TaskError';
}

/** A page's own requests: `<script src="../core/NAME.js"></script>`, `<link rel="stylesheet" href="../core/NAME.css" />`. */
const INCLUDE =
  /<script src="\.\.\/core\/([^"]*\.js)"><\/script>|<link rel="stylesheet" href="\.\.\/core\/([^"]*\.css)" ?\/?>/g;

/** Keeps a script's text from ending its element. `\x3C` means `<` in strings, templates and regular expressions alike. */
function inlined(script: string): string {
  return `<script>${script.replace(/<(?=\/script|script|!--)/gi, '\\x3C')}</script>`;
}

/**
 * The page as one text that asks nothing of the network.
 *
 * Order in the head: core.css, the agent (so that it can wrap timers and listeners before any page script runs), seedrandom,
 * core.js, ui.js and widgets.js, then what the page asks for, its own style and script. With one of each, and an agent that
 * takes its own element away or is elsewhere, #area's first child gets bid 13, as on the MiniWoB++ pages.
 *
 * @param html  text of a page that keeps the contract.
 * @param shared  texts of the files in src/tasks/core/ by name, and `seedrandom.js`.
 * @param agentScript  classic script, run first; '' for a page without an agent.
 * @throws {TaskError} `unknown-include`
 */
export function assemble(html: string, shared: ReadonlyMap<string, string>, agentScript: string): string {
  const file = (name: string): string => {
    const text = shared.get(name);
    if (text !== undefined) return text;
    throw new TaskError('unknown-include', {
      message: `A task's page asks for ../core/${name}, which is not among the shared files: ${[...shared.keys()].join(', ')}.`,
    });
  };
  const helpers = `${file('ui.js')}\n${file('widgets.js')}`;
  const scripts = [agentScript, file('seedrandom.js'), file('core.js'), helpers];
  const head = `<style>${file('core.css')}</style>${scripts.filter(Boolean).map(inlined).join('')}`;
  // Functions, because `$` in a replacement text has a meaning.
  return html
    .replace(INCLUDE, (_, script?: string, style?: string) =>
      script ? inlined(file(script)) : `<style>${file(style!)}</style>`,
    )
    .replace('</title>', () => `</title>${head}`);
}

/** Puts a task's page together: one self-contained document for the srcdoc of a sandboxed frame. */
import seedrandom from 'seedrandom/seedrandom.min.js?raw';
import coreStyle from './core/core.css?raw';
import coreScript from './core/core.js?raw';
import uiScript from './core/ui.js?raw';
import widgetsScript from './core/widgets.js?raw';
import { findTask, TaskError } from './registry.ts';

/** What a page may ask for besides: `<script src="../core/NAME.js"></script>`, `<link rel="stylesheet" href="../core/NAME.css" />`. */
const SHARED = import.meta.glob<string>('./core/*.{js,css}', {
  eager: true,
  query: '?raw',
  import: 'default',
});
const INCLUDE =
  /<script src="\.\.\/(core\/[^"]*\.js)"><\/script>|<link rel="stylesheet" href="\.\.\/(core\/[^"]*\.css)" ?\/?>/g;

/** Keeps a script's text from ending its element. `\x3C` means `<` in strings, templates and regular expressions alike. */
function inlined(script: string): string {
  return `<script>${script.replace(/<(?=\/script|script|!--)/gi, '\\x3C')}</script>`;
}

/**
 * The whole page of a task as text.
 *
 * Order in the head: core.css, the agent (so that it can wrap timers and listeners before any page script runs), seedrandom,
 * core.js, the other shared scripts, then the task's own style and script. With one of each, and an agent that takes its own
 * element away or is elsewhere, #area's first child gets bid 13, as on the MiniWoB++ pages.
 *
 * @param agentScript  classic script, run first; '' for a page without an agent.
 * @throws {TaskError} for a name that is not registered.
 */
export function taskDocument(name: string, agentScript: string): string {
  return assembleDocument(findTask(name).html, agentScript);
}

/** As `taskDocument`, for the text of any page that keeps the contract. */
export function assembleDocument(html: string, agentScript: string): string {
  const scripts = [agentScript, seedrandom, coreScript, `${uiScript}\n${widgetsScript}`];
  const shared = `<style>${coreStyle}</style>${scripts.filter(Boolean).map(inlined).join('')}`;
  // Functions, because `$` in a replacement text has a meaning.
  return html
    .replace(INCLUDE, (_, script?: string, style?: string) =>
      script ? inlined(sharedFile(script)) : `<style>${sharedFile(style!)}</style>`,
    )
    .replace('</title>', () => `</title>${shared}`);
}

function sharedFile(path: string): string {
  const text = SHARED[`./${path}`];
  if (text !== undefined) return text;
  throw new TaskError('unknown-include', {
    message: `A task's page asks for ../${path}, which is not among the shared files: ${Object.keys(SHARED).join(', ')}.`,
  });
}

/** A task's page as one self-contained document for the srcdoc of a sandboxed frame. */
import seedrandom from 'seedrandom/seedrandom.min.js?raw';
import { assemble } from './assemble.ts';
import { findTask } from './registry.ts';

const CORE = import.meta.glob<string>('./core/*.{js,css}', { eager: true, query: '?raw', import: 'default' });

const SHARED: ReadonlyMap<string, string> = new Map([
  ['seedrandom.js', seedrandom],
  ...Object.entries(CORE).map(([path, text]) => [path.slice('./core/'.length), text] as const),
]);

/**
 * The whole page of a task as text.
 *
 * @param agentScript  classic script, run first; '' for a page without an agent.
 * @throws {TaskError} for a name that is not registered.
 */
export function taskDocument(name: string, agentScript: string): string {
  return assembleDocument(findTask(name).html, agentScript);
}

/** As `taskDocument`, for the text of any page that keeps the contract. */
export function assembleDocument(html: string, agentScript: string): string {
  return assemble(html, SHARED, agentScript);
}

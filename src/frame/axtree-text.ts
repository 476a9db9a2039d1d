/** BrowserGym's flatten_axtree_to_str: the tree as text, one tab per printed ancestor. */
import type { AXNode } from './axtree.ts';
import { isClickable } from './listeners.ts';
import { isSeen } from './marking.ts';
import type { ObserveOptions } from './protocol.ts';
import { repr, reprString, strip } from './python.ts';

type TextOptions = Pick<ObserveOptions, 'skip_generic' | 'filter_visible_only' | 'with_clickable'>;

/** @see BrowserGym browsergym/utils/obs.py, flatten_axtree_to_str */
export function axtreeText(root: AXNode, options: TextOptions): string {
  const lines: string[] = [];
  print(root, 0, { filtered: false, name: '' }, options, lines);
  return lines.join('\n');
}

interface Parent {
  /** Dropped by a filter; its text goes with it. */
  filtered: boolean;
  name: string;
}

function print(node: AXNode, depth: number, parent: Parent, options: TextOptions, lines: string[]): void {
  const attributes = attributesOf(node);
  const filtered = node.role !== 'StaticText' && isFiltered(node, options);
  const skipped = filtered || isSkipped(node, attributes, parent, options);
  if (!skipped) {
    if (options.with_clickable && node.element && node.bid && isClickable(node.element))
      attributes.unshift('clickable');
    lines.push('\t'.repeat(depth) + line(node, attributes));
  }
  const inner: Parent = { filtered, name: isIgnored(node) ? '' : (node.name ?? '') };
  for (const child of node.children) print(child, skipped ? depth : depth + 1, inner, options, lines);
}

function line(node: AXNode, attributes: string[]): string {
  const bid = node.bid ? `[${node.bid}] ` : '';
  const name = node.role === 'generic' && !node.name ? '' : ' ' + reprString(strip(node.name ?? ''));
  const value = node.value === null ? '' : ` value=${repr(node.value)}`;
  return bid + node.role + name + value + attributes.map(attribute => ', ' + attribute).join('');
}

/** These print as a bare word, and only when true. */
const BARE = new Set(['required', 'focused', 'atomic']);

function attributesOf(node: AXNode): string[] {
  return node.properties.flatMap(([name, value]) => {
    if (BARE.has(name)) return value ? [name] : [];
    return [`${name}=${repr(value)}`];
  });
}

function isIgnored(node: AXNode): boolean {
  return node.role === 'LineBreak' || node.name === null;
}

function isFiltered(node: AXNode, options: TextOptions): boolean {
  return (
    options.filter_visible_only &&
    !isIgnored(node) &&
    node.element !== null &&
    node.bid !== '' &&
    !isSeen(node.element)
  );
}

function isSkipped(node: AXNode, attributes: string[], parent: Parent, options: TextOptions): boolean {
  if (isIgnored(node)) return true;
  if (options.skip_generic && node.role === 'generic' && attributes.length === 0) return true;
  if (node.role !== 'StaticText') return false;
  return parent.filtered || isRedundant(node.name ?? '', parent.name);
}

/** Text that its parent's name says already. Ends of white space differ between layout and name, so they do not count. */
function isRedundant(text: string, parentName: string): boolean {
  const core = text.trim();
  return core === '' ? parentName.includes(' ') || parentName.includes(text) : parentName.includes(core);
}

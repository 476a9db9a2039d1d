/** BrowserGym's flatten_axtree_to_str: the tree as text, one tab per printed ancestor. */
import type { AXNode } from './axtree.ts';
import type { TextOptions } from './protocol.ts';
import { repr, reprString, strip } from './python.ts';
import { treat } from './text-options.ts';

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
  const ignored = isIgnored(node);
  const attributes = ignored ? [] : attributesOf(node);
  const text = node.role === 'StaticText';
  const { filtered, extras, bid } = ignored || text ? PLAIN : treat(node.element, options);
  const skipped = filtered || ignored || isSkipped(node, attributes, parent, options);
  if (!skipped) lines.push('\t'.repeat(depth) + line(node, bid, [...extras, ...attributes]));
  const inner: Parent = { filtered, name: ignored ? '' : (node.name ?? '') };
  for (const child of node.children) print(child, skipped ? depth : depth + 1, inner, options, lines);
}

const PLAIN = { filtered: false, extras: [], bid: '' };

function line(node: AXNode, bid: string, attributes: string[]): string {
  const mark = bid ? `[${bid}] ` : '';
  const name = node.role === 'generic' && !node.name ? '' : ' ' + reprString(strip(node.name ?? ''));
  const value = node.value === null ? '' : ` value=${repr(node.value)}`;
  return mark + node.role + name + value + attributes.map(attribute => ', ' + attribute).join('');
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

function isSkipped(node: AXNode, attributes: string[], parent: Parent, options: TextOptions): boolean {
  if (options.skip_generic && node.role === 'generic' && attributes.length === 0) return true;
  if (options.hide_all_children && parent.filtered) return true;
  if (node.role !== 'StaticText') return false;
  return (
    parent.filtered || (options.remove_redundant_static_text && isRedundant(node.name ?? '', parent.name))
  );
}

/** Text that its parent's name says already. Ends of white space differ between layout and name, so they do not count. */
function isRedundant(text: string, parentName: string): boolean {
  const core = text.trim();
  return core === '' ? parentName.includes(' ') || parentName.includes(text) : parentName.includes(core);
}

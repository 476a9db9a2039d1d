/** The accessibility tree of the live page: Chromium's roles, names, values and properties, computed from the DOM. */
import { dateFields } from './date-fields.ts';
import { hasDateFields, hasFocus } from './focus.ts';
import { nameOf } from './names.ts';
import { propertiesOf, valueOf, type Property } from './properties.ts';
import { pseudoImages, pseudoText, renderedText } from './rendered-text.ts';
import { roleOf } from './roles.ts';
import { piecesOf } from './text-pieces.ts';

export interface AXNode {
  role: string;
  /** null for a node that the tree leaves out while keeping its children. */
  name: string | null;
  value: string | number | null;
  properties: Property[];
  /** null for text, the root and what a control is made of. The parts of a date control have the control. */
  element: Element | null;
  children: AXNode[];
}

/** Roles whose children the tree does not have. */
const LEAVES = new Set([
  'image',
  'option',
  'progressbar',
  'meter',
  'separator',
  'Canvas',
  'graphics-symbol',
  'LineBreak',
]);

export function accessibilityTree(): AXNode {
  return {
    role: 'RootWebArea',
    name: document.title,
    value: null,
    properties: [['focused', hasFocus()]],
    element: null,
    children: document.body ? nodesOf(document.body) : [],
  };
}

/** The nodes that an element stands for: none when it is not rendered. */
function nodesOf(element: Element): AXNode[] {
  if (element.getAttribute('aria-hidden') === 'true' || isUndrawn(element)) return [];
  const style = getComputedStyle(element);
  if (style.display === 'none') return [];
  if (style.visibility !== 'visible' || style.display === 'contents') return childNodes(element, style);
  const image = style.content.startsWith('url(');
  const role = image ? 'image' : roleOf(element);
  if (role === 'none' && element.localName === 'img') return [];
  const children = image || LEAVES.has(role) ? [] : childNodes(element, style);
  const node: AXNode = {
    role,
    name: role === 'none' ? null : nameOf(element, role),
    value: valueOf(element, role),
    properties: role === 'none' ? [] : propertiesOf(element, role),
    element,
    children,
  };
  return [node];
}

/** What SVG keeps beside its drawing; its computed display does not say so. */
function isUndrawn(element: Element): boolean {
  return (
    element instanceof SVGElement &&
    /^(defs|desc|metadata|title|symbol|clipPath|mask)$/.test(element.localName)
  );
}

function childNodes(element: Element, style: CSSStyleDeclaration): AXNode[] {
  if (element instanceof HTMLSelectElement)
    return [...element.querySelectorAll('optgroup, option')].flatMap(optionNode);
  if (element instanceof HTMLInputElement && hasDateFields(element)) return dateFields(element);
  if (element instanceof HTMLTextAreaElement || element instanceof HTMLInputElement)
    return innerEditor(element);
  const out: AXNode[] = [];
  // A marker that is a picture; one that is a character is not in the tree that BrowserGym sees.
  if (style.display === 'list-item' && style.listStyleImage !== 'none') out.push(leaf('image', ''));
  out.push(...generated(element, '::before'));
  const children = element.shadowRoot ? element.shadowRoot.childNodes : element.childNodes;
  for (const child of children) {
    if (child instanceof Text) {
      const text = style.visibility === 'visible' ? renderedText(child, style) : null;
      if (text !== null) out.push(staticText(text));
    } else if (child instanceof Element) out.push(...nodesOf(child));
  }
  out.push(...generated(element, '::after'));
  return out;
}

function generated(element: Element, which: '::before' | '::after'): AXNode[] {
  const { content } = getComputedStyle(element, which);
  // Nearly all elements have none.
  if (content === 'none' || content === 'normal') return [];
  const images = pseudoImages(element, which);
  if (images > 0) return Array.from({ length: images }, () => leaf('image', ''));
  const text = pseudoText(element, which);
  return text === null ? [] : [staticText(text)];
}

function optionNode(option: Element): AXNode[] {
  const role = roleOf(option);
  return [
    {
      role,
      name: nameOf(option, role),
      value: null,
      properties: propertiesOf(option, role),
      element: option,
      children: [],
    },
  ];
}

/** A text control's inner editor: an anonymous box with the value as text. */
function innerEditor(control: HTMLInputElement | HTMLTextAreaElement): AXNode[] {
  const role = roleOf(control);
  if (role !== 'textbox' && role !== 'searchbox' && role !== 'combobox' && role !== 'spinbutton') return [];
  const value = control.type === 'password' ? '•'.repeat(control.value.length) : control.value;
  const children = value === '' ? [] : piecesOf(control, value).map(staticText);
  return [{ role: 'generic', name: '', value: null, properties: [], element: null, children }];
}

function staticText(name: string): AXNode {
  return leaf('StaticText', name);
}

/** A node of no element. */
export function leaf(role: string, name: string): AXNode {
  return { role, name, value: null, properties: [], element: null, children: [] };
}

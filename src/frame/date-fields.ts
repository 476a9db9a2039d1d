/** The fields inside date and time controls: Chromium keeps them in a shadow tree that no script can read. */
import { leaf, type AXNode } from './axtree.ts';
import { focusedElement } from './focus.ts';

interface Field {
  name: string;
  min: number;
  max: number;
  /** null while the field is empty. */
  value: number | null;
  /** What it shows. */
  text: string;
}

/** Fields, the separators between them and the picker's button; all of them carry the control's bid. Order as in en-US. */
export function dateFields(input: HTMLInputElement): AXNode[] {
  const date = input.type === 'date';
  const [fields, separators] = date
    ? [dateParts(input.value), ['/', '/']]
    : [timeParts(input.value), [':', ' ']];
  const out = fields.flatMap((field, i) => {
    const node = fieldNode(field, input, i === 0);
    const separator = separators[i];
    return separator === undefined ? [node] : [node, leaf('StaticText', separator)];
  });
  const picker = leaf('button', date ? 'Show date picker' : 'Show time picker');
  return [...out, { ...picker, element: input, properties: [['hasPopup', 'menu']] }];
}

function fieldNode(field: Field, input: HTMLInputElement, first: boolean): AXNode {
  // Focus on the control is focus on its first field.
  const focused = first && focusedElement() === input;
  return {
    ...leaf('spinbutton', field.name),
    value: field.value ?? 0,
    element: input,
    properties: [
      ...(focused ? [['focused', true] as [string, boolean]] : []),
      ['valuemin', field.min],
      ['valuemax', field.max],
      ['valuetext', ''],
    ],
    children: [leaf('StaticText', field.text)],
  };
}

function dateParts(value: string): Field[] {
  const [year, month, day] = /^(\d+)-(\d\d)-(\d\d)$/.exec(value)?.slice(1) ?? [];
  const part = (name: string, max: number, text: string | undefined, empty: string): Field => {
    return { name, min: 1, max, value: text === undefined ? null : Number(text), text: text ?? empty };
  };
  return [part('Month', 12, month, 'mm'), part('Day', 31, day, 'dd'), part('Year', 275760, year, 'yyyy')];
}

function timeParts(value: string): Field[] {
  const [hour, minute] = /^(\d\d):(\d\d)/.exec(value)?.slice(1).map(Number) ?? [];
  const two = (number: number | undefined) => (number === undefined ? '--' : String(number).padStart(2, '0'));
  const twelve = hour === undefined ? undefined : hour % 12 || 12;
  const half = hour === undefined ? undefined : hour < 12 ? 1 : 2;
  return [
    { name: 'Hours', min: 1, max: 12, value: twelve ?? null, text: two(twelve) },
    { name: 'Minutes', min: 0, max: 59, value: minute ?? null, text: two(minute) },
    {
      name: 'AM/PM',
      min: 1,
      max: 2,
      value: half ?? null,
      text: half === undefined ? '--' : half === 1 ? 'AM' : 'PM',
    },
  ];
}

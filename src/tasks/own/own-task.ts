/** A user's own task: what it consists of, what must hold for it, and the page that it becomes. */
import runtime from './runtime.js?raw';

export interface OwnTask {
  /** As the configuration's `tasks` names it. */
  name: string;
  /** The instruction; `{{x}}` is the value x that the setup returned. */
  goal: string;
  /** What #area holds, with the same places for values. Styles may be in it. */
  html: string;
  /** JavaScript: body of `function (core, ui)`; returns an object of values. Draws with `core`, so that a seed is a page. */
  setup: string;
  /** JavaScript: body of `function (event, area, values)`; a number from -1 to 1 ends the episode, nothing lets it go on. */
  reward: string;
}

export type OwnTaskField = keyof OwnTask;

export interface OwnTaskProblem {
  field: OwnTaskField;
  message: string;
}

export const OWN_TASK_FIELDS: readonly OwnTaskField[] = ['name', 'goal', 'html', 'setup', 'reward'];

/** Characters that a part may have: a link must still be able to carry the whole. */
const MOST = 20_000;

/** A whole task to begin with: press one of three buttons. */
export const EXAMPLE: OwnTask = {
  name: 'press-fruit',
  goal: 'Press the {{fruit}}.',
  html: `<button>apple</button>
<button>pear</button>
<button>plum</button>`,
  setup: `return { fruit: core.sample(['apple', 'pear', 'plum']) };`,
  reward: `if (event.type !== 'click' || event.target.tagName !== 'BUTTON') return;
return event.target.textContent === values.fruit ? 1 : -1;`,
};

/**
 * What can be said of a task without running it, one problem a field at most.
 *
 * @param taken  names that other tasks have.
 */
export function ownTaskProblems(task: OwnTask, taken: readonly string[] = []): OwnTaskProblem[] {
  return OWN_TASK_FIELDS.flatMap(field => {
    const message = problemOf(field, task, taken);
    return message ? [{ field, message }] : [];
  });
}

function problemOf(field: OwnTaskField, task: OwnTask, taken: readonly string[]): string {
  const text = task[field];
  if (text.length > MOST) return `${text.length} characters are too many; ${MOST} is the most.`;
  switch (field) {
    case 'name':
      if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(text))
        return 'Use small letters and digits with dashes between them, such as press-fruit.';
      return taken.includes(text) ? `There is a task ${text} already; choose another name.` : '';
    case 'goal':
      return text.trim() === '' ? 'Say what the agent is to do.' : '';
    case 'html':
      return text.trim() === '' ? 'The page needs something that the agent can act on.' : '';
    case 'setup':
      return '';
    case 'reward':
      return /\breturn\b/.test(text) ? '' : 'Return a number from -1 to 1 when the episode is decided.';
  }
}

/** Whether a value from outside has a task's parts, and no others are taken over. @returns null when it has not. */
export function asOwnTask(value: unknown): OwnTask | null {
  if (typeof value !== 'object' || value === null) return null;
  const parts = value as Record<string, unknown>;
  if (!OWN_TASK_FIELDS.every(field => typeof parts[field] === 'string')) return null;
  const { name, goal, html, setup, reward } = value as OwnTask;
  return { name, goal, html, setup, reward };
}

/** The page of a task, for `assembleDocument`. The runtime makes functions of the user's code, so that a mistake in it is told. */
export function ownTaskPage(task: OwnTask): string {
  const { goal, html, setup, reward } = task;
  return `<!doctype html>
<html>
  <head>
    <title>${escaped(task.name)}</title>
    ${script(`var own = ${JSON.stringify({ goal, html, setup, reward })};\n${runtime}`)}
  </head>
  <body>
    <div id="wrap">
      <div id="query"></div>
      <div id="area"></div>
    </div>
  </body>
</html>
`;
}

/** A script element whose text cannot end it. */
function script(source: string): string {
  return `<script>${source.replace(/<(?=\/script|script|!--)/gi, '\\x3C')}</script>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** The tasks: page, meta and name of each. A new task adds its folder, its lines here, and its line in oracles.ts. */
import { CodedError } from '../errors.ts';
import type { TaskMeta } from './contract.ts';
import { meta as chooseList } from './choose-list/meta.ts';
import chooseListPage from './choose-list/task.html?raw';
import { meta as clickButton } from './click-button/meta.ts';
import clickButtonPage from './click-button/task.html?raw';
import { meta as clickButtonSequence } from './click-button-sequence/meta.ts';
import clickButtonSequencePage from './click-button-sequence/task.html?raw';
import { meta as clickCheckboxes } from './click-checkboxes/meta.ts';
import clickCheckboxesPage from './click-checkboxes/task.html?raw';
import { meta as clickColor } from './click-color/meta.ts';
import clickColorPage from './click-color/task.html?raw';
import { meta as clickDialog } from './click-dialog/meta.ts';
import clickDialogPage from './click-dialog/task.html?raw';
import { meta as clickDialog2 } from './click-dialog-2/meta.ts';
import clickDialog2Page from './click-dialog-2/task.html?raw';
import { meta as clickLink } from './click-link/meta.ts';
import clickLinkPage from './click-link/task.html?raw';
import { meta as clickOption } from './click-option/meta.ts';
import clickOptionPage from './click-option/task.html?raw';
import { meta as clickTab } from './click-tab/meta.ts';
import clickTabPage from './click-tab/task.html?raw';
import { meta as clickTest } from './click-test/meta.ts';
import clickTestPage from './click-test/task.html?raw';
import { meta as clickTest2 } from './click-test-2/meta.ts';
import clickTest2Page from './click-test-2/task.html?raw';
import { meta as enterText } from './enter-text/meta.ts';
import enterTextPage from './enter-text/task.html?raw';
import { meta as focusText } from './focus-text/meta.ts';
import focusTextPage from './focus-text/task.html?raw';
import { meta as identifyShape } from './identify-shape/meta.ts';
import identifyShapePage from './identify-shape/task.html?raw';
import { meta as loginUser } from './login-user/meta.ts';
import loginUserPage from './login-user/task.html?raw';

/** A task that is asked for and is not there. */
export class TaskError extends CodedError {
  override readonly name = 'TaskError';
}

export interface Task {
  meta: TaskMeta;
  /** Text of task.html, before the shared runtime is put into it. */
  html: string;
}

const TASKS: ReadonlyMap<string, Task> = new Map(
  [
    { meta: clickTest, html: clickTestPage },
    { meta: clickTest2, html: clickTest2Page },
    { meta: clickButton, html: clickButtonPage },
    { meta: clickButtonSequence, html: clickButtonSequencePage },
    { meta: clickDialog, html: clickDialogPage },
    { meta: clickDialog2, html: clickDialog2Page },
    { meta: clickLink, html: clickLinkPage },
    { meta: clickTab, html: clickTabPage },
    { meta: clickCheckboxes, html: clickCheckboxesPage },
    { meta: clickOption, html: clickOptionPage },
    { meta: chooseList, html: chooseListPage },
    { meta: clickColor, html: clickColorPage },
    { meta: identifyShape, html: identifyShapePage },
    { meta: focusText, html: focusTextPage },
    { meta: enterText, html: enterTextPage },
    { meta: loginUser, html: loginUserPage },
  ].map(task => [task.meta.name, task]),
);

/** MiniWoB ids, in the order in which a person would try them. */
export function taskNames(): string[] {
  return [...TASKS.keys()];
}

export function taskMetas(): TaskMeta[] {
  return [...TASKS.values()].map(task => task.meta);
}

/** @throws {TaskError} `unknown-task` */
export function findTask(name: string): Task {
  const task = TASKS.get(name);
  if (!task) {
    throw new TaskError('unknown-task', {
      message: `There is no task "${name}". The tasks are: ${taskNames().join(', ')}.`,
    });
  }
  return task;
}

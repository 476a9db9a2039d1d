/** The tasks' oracles by name, apart from the pages so that the agent's bundle does not carry them. */
import type { Oracle } from './contract.ts';
import { oracle as chooseList } from './choose-list/oracle.ts';
import { oracle as clickButton } from './click-button/oracle.ts';
import { oracle as clickButtonSequence } from './click-button-sequence/oracle.ts';
import { oracle as clickCheckboxes } from './click-checkboxes/oracle.ts';
import { oracle as clickColor } from './click-color/oracle.ts';
import { oracle as clickDialog } from './click-dialog/oracle.ts';
import { oracle as clickDialog2 } from './click-dialog-2/oracle.ts';
import { oracle as clickLink } from './click-link/oracle.ts';
import { oracle as clickOption } from './click-option/oracle.ts';
import { oracle as clickTab } from './click-tab/oracle.ts';
import { oracle as clickTest } from './click-test/oracle.ts';
import { oracle as clickTest2 } from './click-test-2/oracle.ts';
import { oracle as enterText } from './enter-text/oracle.ts';
import { oracle as focusText } from './focus-text/oracle.ts';
import { oracle as identifyShape } from './identify-shape/oracle.ts';
import { oracle as loginUser } from './login-user/oracle.ts';

export const ORACLES: Readonly<Record<string, Oracle>> = {
  'click-test': clickTest,
  'click-test-2': clickTest2,
  'click-button': clickButton,
  'click-button-sequence': clickButtonSequence,
  'click-dialog': clickDialog,
  'click-dialog-2': clickDialog2,
  'click-link': clickLink,
  'click-tab': clickTab,
  'click-checkboxes': clickCheckboxes,
  'click-option': clickOption,
  'choose-list': chooseList,
  'click-color': clickColor,
  'identify-shape': identifyShape,
  'focus-text': focusText,
  'enter-text': enterText,
  'login-user': loginUser,
};

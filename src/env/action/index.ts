/** BrowserGym's action space on the host: parsing, errors, description, coordinates. */
export { describeActionSet, pythonRepr } from './describe.ts';
export { ActionError, type ActionErrorCode } from './error.ts';
export {
  actionSet,
  FUNCTIONS,
  SUBSETS,
  type ActionFunction,
  type ActionSetName,
  type Parameter,
} from './functions.ts';
export { parseActions, type ParseOptions } from './parse.ts';
export { scaleCoordinates } from './scale.ts';

/** What an OpenEnv server for BrowserGym says, checked: nothing that comes from a server is trusted to be what it should be. */
import { EnvironmentError } from '../errors.ts';

/** One request of a session; the server answers each with one message, in order. */
export type Request =
  | { type: 'reset'; data: { seed: number } }
  | { type: 'step'; data: { action_str: string } }
  | { type: 'state' };

export interface RemoteObservation {
  goal: string;
  axtree: string;
  html: string;
  /** Rows of pixels of three numbers each, as they came; null where there is none. */
  screenshot: unknown[] | null;
  /** The action failed; the server does not say why. */
  actionFailed: boolean;
  /** Why the server could not step at all, '' when it did. */
  error: string;
  reward: number;
  done: boolean;
}

/** Of the episode of a connection. */
export interface RemoteState {
  benchmark: string;
  /** The task that the server was started with, '' for none. */
  task: string;
}

export type Reply = { type: 'observation'; data: RemoteObservation } | { type: 'state'; data: RemoteState };

/** Characters of one message. A screenshot of 1920 × 1080 takes 29 million. */
const MOST_CHARACTERS = 200_000_000;
/** After these the server closes the connection. */
const CLOSING = new Set(['CAPACITY_REACHED', 'FACTORY_ERROR', 'SESSION_ERROR']);

/**
 * @throws {EnvironmentError} `server-full`, `server-error`: what the server reports; `bad-message`: it speaks otherwise.
 */
export function readReply(text: unknown): Reply {
  if (typeof text !== 'string') throw bad('is not text');
  if (text.length > MOST_CHARACTERS) throw bad(`has ${text.length} characters`);
  let message: Record<string, unknown>;
  try {
    message = record(JSON.parse(text), 'content');
  } catch (error) {
    throw error instanceof EnvironmentError ? error : bad('is not JSON');
  }
  const data = record(message.data, 'data');
  switch (message.type) {
    case 'error':
      throw reported(data);
    case 'state':
      return { type: 'state', data: { benchmark: textOf(data.benchmark), task: textOf(data.task_name) } };
    case 'observation':
      return { type: 'observation', data: readObservation(data) };
    default:
      throw bad(`is of the unknown type ${String(message.type)}`);
  }
}

function readObservation(data: Record<string, unknown>): RemoteObservation {
  const observation = record(data.observation, 'observation');
  const { screenshot, error, last_action_error } = observation;
  const reward = data.reward ?? 0;
  if (typeof reward !== 'number' || !Number.isFinite(reward)) throw bad(`has the reward ${String(reward)}`);
  if (typeof data.done !== 'boolean') throw bad('does not say whether the episode is done');
  if (typeof observation.axtree_txt !== 'string' || typeof observation.goal !== 'string')
    throw bad('has no axtree_txt or no goal. Is it a server for BrowserGym?');
  if (screenshot !== null && screenshot !== undefined && !Array.isArray(screenshot))
    throw bad('has a screenshot that is no list');
  return {
    goal: observation.goal,
    axtree: observation.axtree_txt,
    html: textOf(observation.pruned_html),
    screenshot: screenshot ?? null,
    actionFailed: last_action_error === true,
    error: textOf(error),
    reward,
    done: data.done,
  };
}

function reported(data: Record<string, unknown>): EnvironmentError {
  const code = textOf(data.code);
  const message = textOf(data.message).slice(0, 2000);
  if (code === 'CAPACITY_REACHED')
    return new EnvironmentError('server-full', {
      message: `${message} Set frames lower, close other clients, or start the server with a larger MAX_CONCURRENT_ENVS.`,
    });
  const after = CLOSING.has(code) ? ' It closed the connection.' : '';
  return new EnvironmentError('server-error', {
    message: `The server reports ${code || 'an error'}: ${message}${after}`,
  });
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad(`has no ${what}`);
  return value as Record<string, unknown>;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function bad(what: string): EnvironmentError {
  return new EnvironmentError('bad-message', {
    message: `A message of the OpenEnv server ${what}. Its episode is dropped; look whether the address is that of a BrowserGym server.`,
  });
}

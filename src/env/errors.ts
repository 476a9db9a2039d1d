/** Why an episode's environment failed. Such an episode is void: it is dropped and counted, never worth 0. */
import { CodedError } from '../errors.ts';

/**
 * Codes:
 * - `no-such-slot`, `not-reset`: the caller asked for a slot that is not there, or has no episode;
 * - `frame-hung`: the page's code never came to an end; the frame was replaced;
 * - `frame-lost`: the frame's document went away (the page navigated, or its process ended);
 * - `frame-unavailable`: no frame came up, or came up with the agent; `frame-not-rendered`: it got no layout;
 * - `page-threw`, `page-never-loaded`, `page-without-contract`, `page-not-ready`, `bid-taken`: the task's page is broken;
 * - `clock-runaway`, `screenshot-failed`, `no-oracle`, `frame-failed`: the agent could not go on;
 * - `bad-message`: what came out of the frame is not what the agent sends;
 * - `replay-diverged`: after a neighbour hung, the episode did not come back to where it was;
 * - `server-unreachable`, `server-full`, `server-timeout`, `connection-lost`, `server-error`: an OpenEnv server's;
 * - `no-server-for-task`: none of the OpenEnv servers serves a task of the run;
 * - `pool-closed`: the pool was disposed of.
 */
export class EnvironmentError extends CodedError {
  override readonly name = 'EnvironmentError';
}

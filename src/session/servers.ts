/** OpenEnv servers as the environment of a run: asked what they serve, and chosen. */
import { socketAddress, writeEnvironment } from '../config/environment-name.ts';
import type { RunConfig } from '../config.ts';
import { lookAtServer } from '../env/index.ts';
import type { SessionState } from './state.ts';
import type { Store } from './store.ts';

/** What a server said of itself when it was asked last. */
export interface ServerState {
  address: string;
  task: string;
  benchmark: string;
}

export class Servers {
  constructor(private readonly store: Store<SessionState>) {}

  /**
   * Asks each server what it serves, and makes them the environment of the next run. Nothing changes when one does not answer.
   *
   * @param typed  one address, or several with commas or spaces between them.
   * @throws {CodedError} environment-invalid @throws {EnvironmentError}
   */
  async choose(typed: string): Promise<void> {
    const addresses = [
      ...new Set(
        typed
          .split(/[\s,]+/)
          .filter(Boolean)
          .map(socketAddress),
      ),
    ];
    const servers: ServerState[] = [];
    for (const address of addresses) servers.push({ address, ...(await lookAtServer(address)) });
    const config = withServers(this.store.value.config, servers);
    this.store.update({ servers, config });
  }
}

/** The configuration on these servers' tasks, with what a server cannot do set to what it can. */
export function withServers(config: RunConfig, servers: readonly ServerState[]): RunConfig {
  return {
    ...config,
    environment: writeEnvironment({ kind: 'openenv', addresses: servers.map(server => server.address) }),
    tasks: [...new Set(servers.map(server => server.task))],
    task_weights: null,
    eval_tasks: [],
    // A server takes BrowserGym's default set, in which there are no coordinates and no keyboard_*.
    action_set: config.action_set === 'bid' ? 'bid' : 'openenv',
    method: 'grpo',
  };
}

/** One WebSocket to an OpenEnv server, which is one session there: requests go out one at a time, each with its answer. */
import { EnvironmentError } from '../errors.ts';
import { readReply, type RemoteObservation, type RemoteState, type Reply, type Request } from './messages.ts';

export interface Timeouts {
  /** ms until the connection must stand; as OpenEnv's Python client. */
  connect: number;
  /** ms until a request must be answered. */
  message: number;
}

export const TIMEOUTS: Timeouts = { connect: 10_000, message: 60_000 };

interface Pending {
  resolve: (reply: Reply) => void;
  reject: (error: EnvironmentError) => void;
  timer: ReturnType<typeof setTimeout>;
}

export class Connection {
  private pending: Pending | null = null;
  private queue: Promise<unknown> = Promise.resolve();
  /** Why it is over, null while it is not. */
  private ended: EnvironmentError | null = null;
  /** What the server said unasked before it closed, such as that it is full. */
  private lastWords: EnvironmentError | null = null;

  private constructor(
    private readonly socket: WebSocket,
    private readonly address: string,
    private readonly timeouts: Timeouts,
  ) {
    socket.addEventListener('message', event => this.onMessage(event.data));
    socket.addEventListener('close', () => this.end(this.lastWords ?? lost(address)));
  }

  /**
   * Connects, and asks for the state, because a server that is full accepts a connection before it closes it.
   * @throws {EnvironmentError} `server-unreachable`, `server-full`, `server-timeout`, `server-error`, `bad-message`
   */
  static async open(
    address: string,
    timeouts: Timeouts = TIMEOUTS,
  ): Promise<{ connection: Connection; state: RemoteState }> {
    const socket = connect(address);
    const connection = new Connection(socket, address, timeouts);
    try {
      await opened(socket, address, timeouts.connect);
      return { connection, state: await connection.state() };
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  get alive(): boolean {
    return this.ended === null;
  }

  /** Starts an episode of the server's task. */
  reset(seed: number): Promise<RemoteObservation> {
    return this.observed({ type: 'reset', data: { seed } });
  }

  step(action: string): Promise<RemoteObservation> {
    return this.observed({ type: 'step', data: { action_str: action } });
  }

  async state(): Promise<RemoteState> {
    const reply = await this.ask({ type: 'state' });
    if (reply.type === 'state') return reply.data;
    throw this.end(mismatched(reply, 'state'));
  }

  /** Tells the server, which then frees the session's browser, and closes. */
  close(): void {
    if (this.alive && this.socket.readyState === WebSocket.OPEN)
      this.socket.send(JSON.stringify({ type: 'close' }));
    this.end(
      new EnvironmentError('pool-closed', { message: `The connection to ${this.address} was closed here.` }),
    );
  }

  private async observed(request: Request): Promise<RemoteObservation> {
    const reply = await this.ask(request);
    if (reply.type === 'observation') return reply.data;
    throw this.end(mismatched(reply, 'an observation'));
  }

  private ask(request: Request): Promise<Reply> {
    const answer = this.queue.then(() => this.send(request));
    this.queue = answer.catch(() => undefined);
    return answer;
  }

  private send(request: Request): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.ended) {
        reject(this.ended);
        return;
      }
      // A late answer would be taken for that of the next request: the connection is given up.
      const timer = setTimeout(
        () => this.end(late(this.address, request, this.timeouts)),
        this.timeouts.message,
      );
      this.pending = { resolve, reject, timer };
      this.socket.send(JSON.stringify(request));
    });
  }

  private onMessage(data: unknown): void {
    const { pending } = this;
    let reply: Reply;
    try {
      reply = readReply(data);
    } catch (error) {
      const failure = error as EnvironmentError;
      // Errors leave the session as it was; a message that cannot be read leaves nobody knowing where it is.
      if (failure.code === 'bad-message') this.end(failure);
      else if (pending) this.settle(() => pending.reject(failure));
      else this.lastWords = failure;
      return;
    }
    if (pending) this.settle(() => pending.resolve(reply));
    else this.end(mismatched(reply, 'nothing'));
  }

  private settle(answer: () => void): void {
    clearTimeout(this.pending?.timer);
    this.pending = null;
    answer();
  }

  private end(error: EnvironmentError): EnvironmentError {
    this.ended ??= error;
    const { pending } = this;
    if (pending) this.settle(() => pending.reject(error));
    this.socket.close();
    return error;
  }
}

function connect(address: string): WebSocket {
  try {
    return new WebSocket(address);
  } catch (cause) {
    // A page that came by https may not speak ws.
    throw new EnvironmentError('server-unreachable', { message: unreachable(address), cause });
  }
}

function opened(socket: WebSocket, address: string, limit: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new EnvironmentError('server-unreachable', { message: unreachable(address) }));
    const timer = setTimeout(fail, limit);
    socket.addEventListener('open', () => (clearTimeout(timer), resolve()));
    socket.addEventListener('error', () => (clearTimeout(timer), fail()));
  });
}

function unreachable(address: string): string {
  const mixed = globalThis.location?.protocol === 'https:' && address.startsWith('ws:');
  return mixed
    ? `${address} cannot be reached: this page came by https, from which a browser allows wss only, and ws to this machine (localhost) at most. Serve the environment by https, or open this page by http.`
    : `No OpenEnv server answers at ${address}. Check that it runs, that its address and port are these, and that it is not private: a browser cannot send a token along.`;
}

function lost(address: string): EnvironmentError {
  return new EnvironmentError('connection-lost', {
    message: `The connection to ${address} broke; the episode on it is dropped. The next one connects again.`,
  });
}

function late(address: string, { type }: Request, { message }: Timeouts): EnvironmentError {
  return new EnvironmentError('server-timeout', {
    message: `${address} did not answer a ${type} within ${message / 1000} s; the episode is dropped and the next one connects again.`,
  });
}

function mismatched(reply: Reply, due: string): EnvironmentError {
  return new EnvironmentError('bad-message', {
    message: `The OpenEnv server sent ${reply.type === 'state' ? 'a state' : 'an observation'} where ${due} was due.`,
  });
}

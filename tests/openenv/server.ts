/**
 * A server that answers as a real OpenEnv server for BrowserGym's click-test was recorded doing, with faults on request. They
 * stand in the address, before `/ws`, each with its number, and hold for the sessions of that address:
 *
 *   capacity-N  sessions at once     drop-N  the connection breaks at the Nth step     delay-N  ms before each answer
 *   garbage-N   the Nth step is answered by no JSON    fail-N  the Nth step cannot be done    any other word: tells tests apart
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

interface Exchange {
  send: string;
  receive: { type: string; data: Record<string, unknown> };
}

const RECORDED = (
  JSON.parse(
    readFileSync(new URL('../fixtures/openenv.json', import.meta.url), 'utf8'),
  ) as Partial<Exchange>[]
).filter((each): each is Exchange => each.send !== undefined && each.receive !== undefined);

/** The answer to the first request that was recorded with `words` in it. */
function recorded(words: string): Exchange['receive'] {
  return RECORDED.find(({ send }) => send.includes(words))!.receive;
}

const FULL = RECORDED.at(-1)!.receive;

/** The recording leaves the pixels out: a yellow bar over a white area on grey, at scale 1.5. */
const PIXELS = Array.from({ length: 321 }, (_, y) =>
  Array.from({ length: 498 }, (__, x) =>
    x >= 240 || y >= 315 ? [85, 85, 85] : y < 75 ? [255, 255, 0] : [255, 255, 255],
  ),
);

export class OpenEnvServer {
  readonly #sessions = new Map<string, number>();
  /** Steps so far, by address: a fault happens once. */
  readonly #steps = new Map<string, number>();

  private constructor(private readonly server: Server) {
    new WebSocketServer({ server }).on('connection', (socket, request) => this.#serve(socket, request.url!));
  }

  static async start(): Promise<OpenEnvServer> {
    const server = createServer((_, response) => response.writeHead(404).end());
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    return new OpenEnvServer(server);
  }

  /** To be followed by `/` and what the sessions shall be like. */
  get address(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  #serve(socket: WebSocket, path: string): void {
    const manner = (name: string) => Number(new RegExp(`/${name}-(\\d+)(?=/)`).exec(path)?.[1] ?? Infinity);
    const active = this.#sessions.get(path) ?? 0;
    if (active >= manner('capacity')) {
      const most = manner('capacity');
      const message = `Server at capacity: ${active}/${most} sessions active. Cannot accept new connections.`;
      send(socket, { ...FULL, data: { ...FULL.data, message, active_sessions: active, max_sessions: most } });
      socket.close();
      return;
    }
    this.#sessions.set(path, active + 1);
    socket.on('close', () => this.#sessions.set(path, this.#sessions.get(path)! - 1));
    const delay = manner('delay');
    let started = false;
    socket.on('message', data => {
      const text = data.toString();
      if (text.includes('"close"')) return socket.close();
      if (text.includes('"step"')) {
        const step = (this.#steps.get(path) ?? 0) + 1;
        this.#steps.set(path, step);
        if (step === manner('drop')) return socket.terminate();
        if (step === manner('garbage')) return socket.send('<html>502 Bad Gateway</html>');
        if (step === manner('fail')) started = false;
      }
      const reply = answer(text, started);
      started ||= reply.type === 'observation';
      setTimeout(() => send(socket, reply), Number.isFinite(delay) ? delay : 0);
    });
  }
}

function answer(text: string, started: boolean): Exchange['receive'] {
  let message: { type?: string; data?: Record<string, unknown> };
  try {
    message = JSON.parse(text) as typeof message;
  } catch {
    return recorded('not json');
  }
  const { type, data = {} } = message;
  switch (type) {
    case 'state':
      return recorded('"state"');
    case 'reset':
      return recorded('"reset"');
    case 'step': {
      if (
        typeof data.action_str !== 'string' ||
        Object.keys(data).some(key => !/^(action_str|metadata)$/.test(key))
      )
        return recorded('{"action": "x"}');
      // Without a browser the step raises, and the server says what.
      if (!started) return withoutEpisode();
      if (data.action_str.startsWith('noop(')) return recorded('"reset"');
      return recorded(data.action_str === "click('13')" ? "click('13')" : "click('9999')");
    }
    default: {
      const unknown = recorded('fly');
      return { ...unknown, data: { ...unknown.data, message: `Unknown message type: ${type}` } };
    }
  }
}

function withoutEpisode(): Exchange['receive'] {
  const { type, data } = recorded('"reset"');
  const observation = { text: '', url: '', screenshot: null, goal: '', axtree_txt: '', pruned_html: '' };
  return {
    type,
    data: { ...data, observation: { ...observation, error: 'The browser is gone', last_action_error: true } },
  };
}

function send(socket: WebSocket, { type, data }: Exchange['receive']): void {
  const observation = data.observation as { screenshot?: unknown } | undefined;
  const whole = !observation?.screenshot
    ? data
    : { ...data, observation: { ...observation, screenshot: PIXELS } };
  socket.send(JSON.stringify({ type, data: whole }));
}

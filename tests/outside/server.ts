/** The network as a hostile page would reach it: notes every request and packet that arrives, and tells them when asked. */
import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Arrivals } from './arrivals.ts';

export class OutsideServer {
  #arrivals: Arrivals = { requests: [], packets: 0 };

  private constructor(
    private readonly http: Server,
    private readonly udp: Socket,
  ) {
    http.on('request', (request, response) => {
      response.setHeader('Access-Control-Allow-Origin', '*');
      if (request.url === '/arrivals') {
        response.end(JSON.stringify(this.#arrivals));
        this.#arrivals = { requests: [], packets: 0 };
        return;
      }
      this.#arrivals.requests.push(`${request.method} ${request.url}`);
      response.end('here');
    });
    http.on('upgrade', (request, socket) => {
      this.#arrivals.requests.push(`UPGRADE ${request.url}`);
      socket.destroy();
    });
    udp.on('message', () => this.#arrivals.packets++);
  }

  static async start(): Promise<OutsideServer> {
    const [http, udp] = [createServer(), createSocket('udp4')];
    await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve));
    await new Promise<void>(resolve => udp.bind(0, '127.0.0.1', resolve));
    return new OutsideServer(http, udp);
  }

  get address(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  get udpPort(): number {
    return this.udp.address().port;
  }

  async stop(): Promise<void> {
    this.http.closeAllConnections();
    await new Promise(resolve => this.http.close(resolve));
    this.udp.close();
  }
}

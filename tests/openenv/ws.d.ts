/** What the test server uses of `ws`, which comes without types. */
declare module 'ws' {
  import type { Server } from 'node:http';

  export interface WebSocket {
    send(text: string): void;
    close(): void;
    terminate(): void;
    on(event: 'message', listener: (data: Buffer) => void): void;
    on(event: 'close', listener: () => void): void;
  }

  export class WebSocketServer {
    constructor(options: { server: Server });
    on(
      event: 'connection',
      listener: (socket: WebSocket, request: import('node:http').IncomingMessage) => void,
    ): void;
  }
}

/** What tests in the browser and the server that nothing may reach say to each other. */

/** What arrived since the last time somebody asked. */
export interface Arrivals {
  /** `METHOD path`. */
  requests: string[];
  /** UDP packets, such as those of a peer connection. */
  packets: number;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** The server that nothing may reach out of a task's frame. */
    outside: { address: string; udpPort: number };
  }
}

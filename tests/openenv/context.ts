/** What the browser tests are told of the server: apart from it, because it needs Node's types. */
import type {} from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the test server, to be followed by `/` and what its sessions shall be like. */
    openenv: string;
  }
}

/** Ties an element to the page's session: it updates when the session's state changes. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Session } from '../session/session.ts';
import type { SessionState } from '../session/state.ts';

let current: Session | undefined;

/** Makes `session` the one that every element shows; called once, before any of them is connected. */
export function provideSession(session: Session): void {
  current = session;
}

export class SessionController implements ReactiveController {
  readonly session: Session;
  readonly #host: ReactiveControllerHost;
  #unsubscribe: (() => void) | undefined;

  /** @param watch  what of the state the element shows; it updates only when one of these fields has changed. */
  constructor(
    host: ReactiveControllerHost,
    readonly watch: readonly (keyof SessionState)[],
  ) {
    if (!current) throw new Error('provideSession must come before the first element.');
    this.session = current;
    this.#host = host;
    host.addController(this);
  }

  get state(): SessionState {
    return this.session.state;
  }

  hostConnected(): void {
    let shown = this.state;
    this.#unsubscribe = this.session.store.subscribe(state => {
      if (this.watch.some(key => state[key] !== shown[key])) this.#host.requestUpdate();
      shown = state;
    });
  }

  hostDisconnected(): void {
    this.#unsubscribe?.();
  }
}

/** Keeps the address and the configuration in step: a change of one shows in the other. */
import { fromHash, toHash } from '../session/share-link.ts';
import type { Session } from '../session/session.ts';
import { isActive } from '../session/state.ts';

/** Writes every change of the configuration into the hash without a new history entry, and reads a pasted one. */
export function followHash(session: Session): void {
  let { config, ownTasks } = session.state;
  session.store.subscribe(state => {
    if (state.config === config && state.ownTasks === ownTasks) return;
    ({ config, ownTasks } = state);
    const view = document.documentElement.dataset.view === 'embed' ? '&view=embed' : '';
    history.replaceState(history.state, '', toHash(config, ownTasks) + view);
  });
  addEventListener('hashchange', () => {
    if (isActive(session.state.status)) {
      session.notify(
        'link',
        'The link’s settings are not taken while a run is under way. Stop it, then open the link again.',
      );
      return;
    }
    const link = fromHash(location.hash, session.state.ownTasks);
    session.ownTasks.take(link.ownTasks);
    for (const { message } of link.problems) session.notify('link', message);
    session.configure(link.config);
  });
}

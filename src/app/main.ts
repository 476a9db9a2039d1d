/** The page's entry: one session, the elements that show it, and the hook for scripts. */
import { fromHash } from '../session/share-link.ts';
import { headlessDriver } from '../session/headless-driver.ts';
import { finishSignIn } from '../session/hub-account.ts';
import { Session } from '../session/session.ts';
import { followHash } from './hash.ts';
import { provideSession } from './session-controller.ts';
import { defineElements } from './elements.ts';

const frames = document.querySelector<HTMLElement>('#frames')!;
const session = new Session(frames);
provideSession(session);

const link = fromHash(location.hash);
session.ownTasks.take(link.ownTasks);
document.documentElement.dataset.view = link.embedded ? 'embed' : 'full';
for (const { message } of link.problems) session.notify('link', message);
followHash(session);
defineElements();

await session.open(link.config);
await finishSignIn().catch(error => session.notify('sign-in', `Signing in did not work: ${String(error)}`));
window.browserGrpo = headlessDriver(session, frames);

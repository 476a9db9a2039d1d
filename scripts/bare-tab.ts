/**
 * A tab that no test driver looks into. Playwright records every request of the tabs it drives, those for data: addresses too,
 * and a run of hours would measure that record.
 */
import type { Browser } from 'playwright';

export interface BareTab {
  /** Value of a JavaScript expression, awaited; must be a JSON value. @throws {Error} what the expression throws. */
  evaluate(expression: string): Promise<unknown>;
}

/** Opens `address` in a tab of its own profile. */
export async function openBareTab(browser: Browser, address: string): Promise<BareTab> {
  const session = await browser.newBrowserCDPSession();
  const { browserContextId } = await session.send('Target.createBrowserContext');
  const { targetId } = await session.send('Target.createTarget', { url: address, browserContextId });
  // A session within the session: the driver knows nothing of it.
  const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false });
  const waiting = new Map<number, (message: Reply) => void>();
  session.on('Target.receivedMessageFromTarget', event => {
    const reply = JSON.parse(event.message) as Reply;
    waiting.get(reply.id)?.(reply);
    waiting.delete(reply.id);
  });
  let last = 0;
  return {
    async evaluate(expression) {
      const id = ++last;
      const reply = new Promise<Reply>(resolve => waiting.set(id, resolve));
      const params = { expression, awaitPromise: true, returnByValue: true };
      const message = JSON.stringify({ id, method: 'Runtime.evaluate', params });
      await session.send('Target.sendMessageToTarget', { sessionId, message });
      const { result, error } = await reply;
      const problem = error?.message ?? result?.exceptionDetails?.exception?.description;
      if (problem !== undefined) throw new Error(problem);
      return result?.result.value;
    },
  };
}

interface Reply {
  id: number;
  error?: { message: string };
  result?: { result: { value?: unknown }; exceptionDetails?: { exception?: { description?: string } } };
}

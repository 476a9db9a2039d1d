/** The pages of the registry as frames hold them. */
import { taskDocument } from '../tasks/document.ts';
import type { TaskPage } from './pages/bundle.ts';

const PAGES = new Map<string, TaskPage>();

/**
 * The page of a registered task. The agent's place in it stays empty: the agent is in the frame already.
 * @throws {TaskError} for a name that is not registered.
 */
export function registeredPage(task: string): TaskPage {
  const known = PAGES.get(task);
  if (known) return known;
  const page: TaskPage = { html: taskDocument(task, ''), reusable: true };
  PAGES.set(task, page);
  return page;
}

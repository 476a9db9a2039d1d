/** Files that a person brings in: a policy, the record of a run, MiniWoB++'s pages. The next run starts from them. */
import { describeOrigin, isRunRecord, readRunRecord, type RunRecord } from '../storage/export/run-record.ts';
import { importFiles } from './library.ts';
import type { Session } from './session.ts';

/** Takes in what was dropped on the page: MiniWoB++'s pages, or else a policy. */
export async function takeFiles(session: Session, files: Map<string, Blob>): Promise<void> {
  const { pages } = session;
  await ((await pages.recognizes(files)) ? pages.import(files) : importPolicy(session, files));
}

/**
 * Takes a zip or a folder in and makes it the policy of the next run. A run.json alone gives the next run that run's
 * settings and tasks instead.
 */
export async function importPolicy(session: Session, files: Map<string, Blob>): Promise<void> {
  const [[name, file] = []] = files;
  if (name?.endsWith('.json') && file && files.size === 1) {
    const text = await file.text();
    if (isRunRecord(text)) {
      repeatRun(session, readRunRecord(name, text));
      return;
    }
  }
  const imported = await importFiles(files);
  await session.shelf.refresh();
  session.configure({ ...session.state.config, model: imported.model });
}

/** Makes the next run a recorded one again: its settings, and its own tasks as they were. */
export function repeatRun(session: Session, record: RunRecord): void {
  const { name, config, ownTasks, demonstrations, sessions } = record;
  session.ownTasks.take(ownTasks);
  session.configure(config, demonstrations);
  const origin = describeOrigin(record);
  const { device } = session.state;
  const other = sessions.find(each => device && each.device.name !== device.name);
  session.notify(
    'run-opened',
    `These are the settings of run “${name}”${origin && `, made by ${origin}`}. Train does it again` +
      (other ? ', here on another device, so the last digits will differ.' : '.'),
  );
}

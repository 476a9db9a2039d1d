/** The user's own tasks: kept by name. */
import { openDatabase } from './database.ts';
import { storing } from './errors.ts';
import type { OwnTaskRow } from './schema.ts';

/** Stores a task, or replaces the one of the same name. */
export async function putOwnTask(task: OwnTaskRow): Promise<void> {
  const database = await openDatabase();
  await storing(`the task ${task.name}`, () => database.put('ownTasks', task));
}

/** All of them, by name. */
export async function listOwnTasks(): Promise<OwnTaskRow[]> {
  const database = await openDatabase();
  return storing('the list of own tasks', () => database.getAll('ownTasks'));
}

export async function deleteOwnTask(name: string): Promise<void> {
  const database = await openDatabase();
  await storing(`the task ${name}`, () => database.delete('ownTasks', name));
}

/** Episodes of a run with their texts, tokens and screenshots. */
import { openDatabase } from './database.ts';
import { storing } from './errors.ts';
import type { EpisodeRow } from './schema.ts';

/** Stores episodes side by side in one transaction: all of them or none. */
export async function addEpisodes(rows: EpisodeRow[]): Promise<void> {
  const database = await openDatabase();
  await storing(`${rows.length} episodes`, async () => {
    const transaction = database.transaction('episodes', 'readwrite');
    await Promise.all([...rows.map(row => transaction.store.add(row)), transaction.done]);
  });
}

/** Episodes of one step, by group and then by generation. */
export async function episodesOfStep(runId: string, step: number): Promise<EpisodeRow[]> {
  const database = await openDatabase();
  const rows = await storing('episodes', () =>
    database.getAllFromIndex('episodes', 'runStep', [runId, step]),
  );
  return rows.sort((a, b) => a.group - b.group || a.generation - b.generation);
}

/** Steps of a run that have episodes, ascending. Reads keys only. */
export async function stepsWithEpisodes(runId: string): Promise<number[]> {
  const database = await openDatabase();
  return storing('episodes', async () => {
    const index = database.transaction('episodes').store.index('runStep');
    const steps: number[] = [];
    const range = IDBKeyRange.bound([runId, -Infinity], [runId, Infinity]);
    let cursor = await index.openKeyCursor(range, 'nextunique');
    while (cursor) {
      const [, step] = cursor.key as [string, number];
      steps.push(step);
      cursor = await cursor.continue();
    }
    return steps;
  });
}

/** All episodes of a run, one after another: a run's screenshots need not fit in memory at once. */
export async function* episodesOf(runId: string): AsyncGenerator<EpisodeRow> {
  for (const step of await stepsWithEpisodes(runId)) yield* await episodesOfStep(runId, step);
}

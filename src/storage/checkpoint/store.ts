/** Checkpoints in IndexedDB: written new, read back and verified, and only then made the run's current one. */
import { openDatabase, type Database } from '../database.ts';
import { StorageError, storing } from '../errors.ts';
import type { CheckpointRow, EvaluationRow, MetricRow } from '../schema.ts';

/** The current checkpoint and the one before it, should the current one turn out damaged later. */
const KEPT = 2;

/** A checkpoint as it is given and comes back: safetensors, and everything else that resuming needs as JSON. */
export interface CheckpointData {
  tensors: Uint8Array;
  state: string;
}

/** Rows of the steps since the checkpoint before. */
export interface StepRows {
  metrics: readonly Omit<MetricRow, 'runId'>[];
  evaluations: readonly EvaluationRow['result'][];
}

export class CheckpointStore {
  /** @param open  gives the database; tests bring one of their own. */
  constructor(readonly open: () => Promise<Database> = openDatabase) {}

  /**
   * Stores a checkpoint and makes it the run's current one. Until the last transaction the former one stays current, so
   * that a tab that closes at any moment loses no more than the steps since. The page writes `rows` too, as it is told of
   * them; here they are written with the checkpoint, so that a tab that closes in between leaves no hole in a run's curves.
   *
   * @param best  step of a checkpoint that is kept however old it is.
   * @throws {StorageError} `storage-full`; `storage-corrupt` when what was read back differs; `storage-missing` when the
   *   run was deleted. The former checkpoint is then untouched.
   */
  async save(
    runId: string,
    step: number,
    { tensors, state }: CheckpointData,
    best?: number,
    rows: StepRows = { metrics: [], evaluations: [] },
  ): Promise<void> {
    const database = await this.open();
    const row = {
      runId,
      step,
      tensors: new Blob([tensors as Uint8Array<ArrayBuffer>]),
      sha256: await sha256(tensors),
      state,
      savedAt: Date.now(),
    };
    await storing(describe(runId, step), async () => {
      await database.put('checkpoints', row);
      try {
        await verify(await database.get('checkpoints', [runId, step]), runId, step);
        await makeCurrent(database, runId, step, best, rows);
      } catch (error) {
        await database.delete('checkpoints', [runId, step]);
        throw error;
      }
    });
  }

  /**
   * Step of the newest checkpoint up to `step` that can be read.
   *
   * @throws {StorageError} what the newest one suffers from, when none can.
   */
  async newestWhole(runId: string, step: number): Promise<number> {
    const database = await this.open();
    const kept = IDBKeyRange.bound([runId, 0], [runId, step]);
    const keys = await storing(describe(runId, step), () => database.getAllKeys('checkpoints', kept));
    let first: unknown = null;
    for (const [, candidate] of keys.reverse()) {
      try {
        await this.load(runId, candidate);
        return candidate;
      } catch (error) {
        if (!(error instanceof StorageError)) throw error;
        first ??= error;
      }
    }
    throw first ?? missing(runId, step);
  }

  /**
   * A stored checkpoint, verified.
   *
   * @throws {StorageError} `storage-missing`, `storage-corrupt`.
   */
  async load(runId: string, step: number): Promise<CheckpointData> {
    const database = await this.open();
    return storing(describe(runId, step), async () =>
      verify(await database.get('checkpoints', [runId, step]), runId, step),
    );
  }
}

/** Points the run at its new checkpoint, adds the rows that are not there yet and drops old checkpoints, in one transaction. */
async function makeCurrent(
  database: Database,
  runId: string,
  step: number,
  best: number | undefined,
  rows: StepRows,
): Promise<void> {
  const stores = ['runs', 'checkpoints', 'metrics', 'evaluations'] as const;
  const transaction = database.transaction(stores, 'readwrite');
  const runs = transaction.objectStore('runs');
  const checkpoints = transaction.objectStore('checkpoints');
  const run = await runs.get(runId);
  if (!run) {
    await transaction.done;
    throw new StorageError('storage-missing', {
      message: `Run ${runId} is not stored here any more, so its checkpoint of step ${step} was not kept. Export the policy to keep it.`,
    });
  }
  await runs.put({ ...run, checkpointStep: step, bestStep: best ?? run.bestStep, updatedAt: Date.now() });
  const keys = await checkpoints.index('runId').getAllKeys(runId);
  // Steps beyond the current one are left from before the run was set back to it.
  const stale = keys.filter(key => key[1] > step);
  const old = keys.filter(key => key[1] <= step).sort((a, b) => b[1] - a[1]);
  const spare = old.slice(KEPT).filter(key => key[1] !== (best ?? run.bestStep));
  for (const key of [...stale, ...spare]) await checkpoints.delete(key);
  const [metrics, evaluations] = [transaction.objectStore('metrics'), transaction.objectStore('evaluations')];
  for (const row of rows.metrics)
    if (!(await metrics.getKey([runId, row.step]))) await metrics.put({ ...row, runId });
  for (const result of rows.evaluations)
    if (!(await evaluations.getKey([runId, result.step])))
      await evaluations.put({ runId, step: result.step, result });
  await transaction.done;
}

async function verify(row: CheckpointRow | undefined, runId: string, step: number): Promise<CheckpointData> {
  if (!row) throw missing(runId, step);
  const tensors = row.tensors instanceof Blob ? new Uint8Array(await row.tensors.arrayBuffer()) : row.tensors;
  if ((await sha256(tensors)) !== row.sha256) {
    throw new StorageError('storage-corrupt', {
      message: `The ${describe(runId, step)} is damaged: its content does not have the checksum it was stored with. Resume the run, which goes on from the checkpoint before it where there is one, or start it again.`,
    });
  }
  return { tensors, state: row.state };
}

function missing(runId: string, step: number): StorageError {
  return new StorageError('storage-missing', {
    message: `The ${describe(runId, step)} is not stored in this browser. Start the run again.`,
  });
}

function describe(runId: string, step: number): string {
  return `checkpoint of step ${step} of run ${runId}`;
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('');
}

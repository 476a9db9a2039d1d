/** A run's record as files beside its weights: what it was, its numbers in the formats of several tools, its episodes. */
import { episodesOf } from '../episodes.ts';
import { evaluationsOf, metricsOf } from '../metrics.ts';
import { getRun } from '../runs.ts';
import { writeRunRecord } from './run-record.ts';
import { toCsv } from './tracking/csv.ts';
import { pointsOf } from './tracking/points.ts';
import { TENSORBOARD_PREFIX, toTensorBoard } from './tracking/tensorboard.ts';
import { toTrackio, TRACKIO_FILE } from './tracking/trackio.ts';
import { StorageError } from '../errors.ts';

/** The project that a trackio dashboard lists the run under. */
const PROJECT = 'browser-grpo';

/**
 * Everything stored of a run but its checkpoint. Screenshots stay behind: they are most of the bytes, and a seed draws
 * them again.
 *
 * @param base  the model that the run's adapter goes on top of, as a configuration names it.
 * @throws {StorageError} `storage-missing` when there is no such run.
 */
export async function runFiles(runId: string, base: string): Promise<Map<string, Uint8Array>> {
  const run = await getRun(runId);
  if (!run) throw new StorageError('storage-missing', { message: `Run ${runId} is not stored here.` });
  const { id, name, createdAt, config } = run;
  const metricRows = await metricsOf(runId);
  const evaluationRows = await evaluationsOf(runId);
  const metrics = metricRows.map(row => ({ step: row.step, time: row.time, ...row.metrics }));
  const evaluations = evaluationRows.map(row => row.result);
  const tracked = { id, name, config, points: pointsOf(metricRows, evaluationRows, createdAt) };
  const episodes: string[] = [];
  for await (const episode of episodesOf(runId)) {
    const turns = episode.turns.map(turn => ({ ...turn, screenshot: undefined }));
    episodes.push(JSON.stringify({ ...episode, id: undefined, runId: undefined, turns }));
  }
  return new Map([
    ['run.json', encode(writeRunRecord(run, base))],
    ['metrics.jsonl', lines(metrics)],
    ['evaluations.jsonl', lines(evaluations)],
    ['metrics.csv', encode(toCsv(tracked))],
    [`trackio/${id}/${TRACKIO_FILE}`, encode(toTrackio(tracked, PROJECT))],
    [`tensorboard/${TENSORBOARD_PREFIX}${Math.floor(createdAt / 1000)}.${id}`, toTensorBoard(tracked)],
    ['episodes.jsonl', encode(episodes.map(line => `${line}\n`).join(''))],
  ]);
}

function lines(rows: unknown[]): Uint8Array {
  return encode(rows.map(row => `${JSON.stringify(row)}\n`).join(''));
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

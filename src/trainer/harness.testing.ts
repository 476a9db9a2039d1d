/** For tests of the trainer: a tiny policy, a database of its own, and runs that keep what they told. */
import { DEFAULT_CONFIG, type RunConfig } from '../config.ts';
import { fixtureFiles } from '../models/fixture-files.ts';
import type { ActionTrace, EnvironmentService, EpisodeRecord, RunEnd, RunEvent } from '../protocol.ts';
import { CheckpointStore } from '../storage/checkpoint/store.ts';
import { openDatabase } from '../storage/database.ts';
import { Trainer } from './service.ts';

const DATABASE = 'trainer-test';

export const TINY: RunConfig = {
  ...DEFAULT_CONFIG,
  backend: 'wasm',
  tasks: ['click-test', 'click-button'],
  max_turns: 2,
  max_steps: 4,
  per_device_train_batch_size: 4,
  gradient_accumulation_steps: 2,
  num_generations: 4,
  max_completion_length: 4,
  learning_rate: 1e-2,
  lora_r: 4,
  lora_alpha: 8,
  eval_steps: 0,
  save_steps: 100,
};

export interface Told {
  end: RunEnd;
  trainer: Trainer;
  events: RunEvent[];
  metrics: Record<string, number>[];
  episodes: EpisodeRecord[];
}

export interface RunOptions {
  runId?: string;
  resumeAt?: number;
  onEvent?: (event: RunEvent, trainer: Trainer) => void;
  demonstrations?: ActionTrace[];
  collections?: readonly string[];
  endAfter?: number;
}

/** Runs `config` over TINY on the reference policy, and returns what it told. */
export async function run(
  config: Partial<RunConfig>,
  environment: EnvironmentService,
  { runId = crypto.randomUUID(), onEvent, ...options }: RunOptions = {},
): Promise<Told> {
  const whole = { ...TINY, ...config };
  const trainer = new Trainer(new CheckpointStore(() => openDatabase(DATABASE)));
  await ensureRow(runId, whole);
  const events: RunEvent[] = [];
  const files = await fixtureFiles('lfm2_vl');
  const start = { runId, config: whole, model: { files }, ...options };
  const end = await trainer.run(start, environment, event => {
    events.push(event);
    onEvent?.(event, trainer);
  });
  return {
    end,
    trainer,
    events,
    metrics: events.flatMap(event => (event.kind === 'metrics' ? [timeless(event.metrics)] : [])),
    episodes: events.flatMap(event => (event.kind === 'episode' ? [event.episode] : [])),
  };
}

/** Without what a clock says. */
function timeless(metrics: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).filter(([name]) => name !== 'step_time'));
}

async function ensureRow(id: string, config: RunConfig): Promise<void> {
  const database = await openDatabase(DATABASE);
  if (await database.get('runs', id)) return;
  await database.put('runs', {
    id,
    name: id,
    createdAt: 0,
    updatedAt: 0,
    config,
    status: 'running',
    step: 0,
    checkpointStep: -1,
    failure: '',
  });
}

export async function currentCheckpoint(runId: string): Promise<number> {
  return (await (await openDatabase(DATABASE)).get('runs', runId))!.checkpointStep;
}

/** Checksums of the adapter's files. */
export async function exported(trainer: Trainer): Promise<string[]> {
  const files = await trainer.export('adapter');
  return Promise.all(
    [...files].map(async ([name, bytes]) => {
      const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
      return `${name} ${new Uint8Array(digest).join()}`;
    }),
  );
}

/** Makes a policy by a recipe: plays its jobs in real pages, keeps every part below `out`, and writes policy and card at the end. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfig } from '../../src/config.ts';
import type { EvaluationResult, TaskScore } from '../../src/protocol.ts';
import type { Base64Files } from '../../src/session/headless.ts';
import { episodesByTask } from '../../src/trainer/collection-file.ts';
import { serveFolder, type FolderServer } from '../folder-server.ts';
import { readFolder, writeFolder } from '../folder.ts';
import { collect, COLLECTION, makeStart, score, warmStart } from './acts.ts';
import { KeptParts, type Notes } from './keep.ts';
import { inPage, type Machine } from './machine.ts';
import type { Job, JobOf, PlannedPart } from './plan.ts';
import { recipeCard, type PartReport, type RecipeReport } from './recipe-card.ts';
import type { Recipe } from './recipe.ts';
import { sumFolders } from './sum.ts';

/** The file of scores in the folder of a job that scored. */
const SCORES = 'scores.json';

/** Milliseconds between two lines on what is being collected. */
const SILENCE = 20_000;

export interface RecipeCommand extends Pick<RecipeReport, 'command' | 'seed' | 'scale'> {
  recipe: Recipe;
  plan: readonly PlannedPart[];
  /** Folder of everything that is made. */
  out: string;
  machine: Machine;
  say(line: string): void;
}

/** Goes on where an earlier command with the same `out` stopped. @returns the folder of the policy */
export async function playRecipe(command: RecipeCommand): Promise<string> {
  const { recipe, plan, out, machine, say } = command;
  const kept = new KeptParts(out);
  const server = await serveFolder(join(out, 'parts'));
  try {
    const workshop = new Workshop(kept, machine, server, say);
    await kept.play(plan, {
      play: (job, into) => workshop.play(job, into),
      atOnce: job => (playsOnCores(job, machine) ? machine.browsers : 1),
      say,
    });
  } finally {
    await server.close();
  }
  const policy = join(out, 'policy');
  rmSync(policy, { recursive: true, force: true });
  writeFolder(policy, readModel(kept, recipe.result));
  writeFileSync(join(policy, 'README.md'), recipeCard(reportOf(command, kept)));
  return policy;
}

function playsOnCores({ kind }: Job, { backend }: Machine): boolean {
  return kind === 'collect' || (kind === 'score' && backend === 'wasm');
}

function readModel(kept: KeptParts, job: string): Base64Files {
  return readFolder(
    join(kept.folder(job), 'model'),
    'It was there before: remove the part to have it made again',
  );
}

/** Does single jobs. */
class Workshop {
  #saidAt = 0;

  constructor(
    readonly kept: KeptParts,
    readonly machine: Machine,
    readonly server: FolderServer,
    readonly say: (line: string) => void,
  ) {}

  /** For what many browsers say side by side. */
  #sayAtTimes(line: string): void {
    if (Date.now() - this.#saidAt < SILENCE) return;
    this.#saidAt = Date.now();
    this.say(line);
  }

  async play(job: Job, into: string): Promise<Notes> {
    switch (job.kind) {
      case 'start':
        return this.#start(job, into);
      case 'collect':
        return this.#collect(job, into);
      case 'learn':
        return this.#learn(job, into);
      case 'sum':
        return this.#sum(job, into);
      case 'score':
        return this.#score(job, into);
    }
  }

  async #start(job: JobOf<'start'>, into: string): Promise<Notes> {
    const { playing, frames } = this.machine;
    const config: Partial<RunConfig> = { ...job.config, backend: 'wasm', frames };
    writeFolder(join(into, 'model'), await inPage(playing, page => makeStart(page, config, job)));
    return {};
  }

  async #collect(job: JobOf<'collect'>, into: string): Promise<Notes> {
    const folder = readModel(this.kept, job.from);
    const config: Partial<RunConfig> = { ...job.config, backend: 'wasm' };
    const work = join(into, 'work');
    const lines = { say: (line: string) => this.#sayAtTimes(`${job.folder}: ${line}`), leavesCtrlC: true };
    const file = await inPage(this.machine.playing, page => collect(page, config, folder, work, lines));
    writeFileSync(join(into, COLLECTION), file);
    rmSync(work, { recursive: true });
    return { solved: Object.fromEntries(episodesByTask(file)) };
  }

  async #learn(job: JobOf<'learn'>, into: string): Promise<Notes> {
    const { backend, device, learning, activationMemory: activation_memory_mb } = this.machine;
    const work = join(into, 'work');
    const { trained } = await inPage(learning, page =>
      warmStart(page, {
        config: { ...job.config, backend, activation_memory_mb },
        modelFiles: readModel(this.kept, job.from),
        collections: job.reads.map(folder => `${this.server.address}${folder}/${COLLECTION}`),
        endAfter: job.endAfter,
        work,
        say: line => this.say(`${job.folder}: ${line}`),
        leavesCtrlC: true,
      }),
    );
    writeFolder(join(into, 'model'), trained);
    writeFileSync(join(into, 'metrics.jsonl'), readFileSync(join(work, 'metrics.jsonl')));
    rmSync(work, { recursive: true });
    return { device };
  }

  async #sum(job: JobOf<'sum'>, into: string): Promise<Notes> {
    const parts = Object.entries(job.shares).map(([name, share]) => ({ name, share }));
    const modelFiles = await sumFolders(parts, name => readModel(this.kept, name));
    const config: Partial<RunConfig> = { ...job.config, backend: 'wasm' };
    const work = join(into, 'work');
    const lines = { say: () => {}, leavesCtrlC: true };
    const { trained } = await inPage(this.machine.playing, page =>
      warmStart(page, { config, modelFiles, work, ...lines }),
    );
    writeFolder(join(into, 'model'), trained);
    rmSync(work, { recursive: true });
    return {};
  }

  async #score(job: JobOf<'score'>, into: string): Promise<Notes> {
    const { backend, device, learning, frames } = this.machine;
    const config = { ...job.config, backend, frames };
    const how = { episodes: job.pages, sampled: false };
    const result = await inPage(learning, page => score(page, config, readModel(this.kept, job.of), how));
    writeFileSync(join(into, SCORES), `${JSON.stringify(result, null, 2)}\n`);
    return { device };
  }
}

/** What the card says, from what every job has left. */
function reportOf({ recipe, plan, ...command }: RecipeCommand, kept: KeptParts): RecipeReport {
  const seconds = kept.seconds();
  const jobs = plan.flatMap(planned => planned.jobs);
  const notes = jobs.map(({ folder }) => kept.done(folder)!.notes);
  const solved: Record<string, number> = {};
  for (const { solved: own } of notes)
    for (const [task, count] of Object.entries((own ?? {}) as Record<string, number>))
      solved[task] = (solved[task] ?? 0) + count;
  const parts: PartReport[] = plan
    .filter(planned => planned.jobs.length > 0)
    .map(planned => ({ ...planned, seconds: seconds[planned.part.name] ?? 0 }));
  return {
    recipe,
    ...command,
    date: new Date().toISOString().slice(0, 10),
    devices: [...new Set(notes.flatMap(({ device }) => (typeof device === 'string' ? [device] : [])))],
    parts,
    solved,
    scores: parts.flatMap(({ part, jobs: own }) =>
      part.kind === 'score'
        ? [{ column: part.column, tasks: own.flatMap(({ folder }) => readScores(kept.folder(folder))) }]
        : [],
    ),
  };
}

function readScores(folder: string): TaskScore[] {
  return (JSON.parse(readFileSync(join(folder, SCORES), 'utf8')) as EvaluationResult).tasks;
}

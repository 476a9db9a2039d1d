/** run.json: what a run was and what computed it, enough to do it again. */
import * as v from 'valibot';
import type { RunConfig } from '../../config.ts';
import { validateConfig } from '../../config/validate.ts';
import type { ActionTrace } from '../../protocol.ts';
import type { OwnTaskRow, RunRow, RunSession } from '../schema.ts';
import { ImportError } from './errors.ts';

/** What reading run.json gives. */
export interface RunRecord {
  id: string;
  name: string;
  /** Steps taken when it was written. */
  step: number;
  config: RunConfig;
  ownTasks: Omit<OwnTaskRow, 'savedAt'>[];
  /** What a person demonstrated for it. */
  demonstrations: ActionTrace[];
  /** In order; a run of an older version has none. */
  sessions: Pick<RunSession, 'fromStep' | 'maxSteps' | 'device' | 'software'>[];
  /** `--model` as the command line had it, where it was a place on that disk. */
  startedFrom?: string;
}

const Text = v.string();

const RecordSchema = v.object({
  id: Text,
  name: Text,
  step: v.number(),
  config: v.record(Text, v.unknown()),
  ownTasks: v.optional(
    v.array(v.object({ name: Text, goal: Text, html: Text, setup: Text, reward: Text })),
    [],
  ),
  demonstrations: v.optional(v.array(v.object({ task: Text, seed: v.number(), actions: v.array(Text) })), []),
  sessions: v.optional(
    v.array(
      v.object({
        fromStep: v.number(),
        maxSteps: v.number(),
        device: v.object({
          backend: v.picklist(['webgpu', 'wasm']),
          name: Text,
          software: v.boolean(),
          features: v.array(Text),
          limits: v.record(Text, v.number()),
          notice: Text,
        }),
        software: v.object({ versions: v.record(Text, Text), userAgent: Text }),
      }),
    ),
    [],
  ),
  startedFrom: v.optional(Text),
});

/** @param base  the model that the run's adapter goes on top of, as a configuration names it. */
export function writeRunRecord(run: RunRow, base: string): string {
  const { id, name, createdAt, status, step, bestStep, config, ownTasks, demonstrations, sessions } = run;
  const created = new Date(createdAt).toISOString();
  const record = {
    id,
    name,
    created,
    status,
    step,
    bestStep,
    base,
    config,
    ownTasks,
    demonstrations,
    sessions,
  };
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** Whether a file's text is a run's record, as far as its outline tells. */
export function isRunRecord(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'config' in value && 'id' in value;
  } catch {
    return false;
  }
}

/**
 * @throws {ImportError} `import-bad-file` when it is no record.
 * @throws {ConfigError} when its configuration is one that this version cannot run.
 */
export function readRunRecord(name: string, text: string): RunRecord {
  const parsed = v.safeParse(RecordSchema, isRunRecord(text) ? JSON.parse(text) : null);
  if (parsed.success) return { ...parsed.output, config: validateConfig(parsed.output.config) };
  const path = v.getDotPath(parsed.issues[0]);
  throw new ImportError('import-bad-file', {
    message: `${name} is no run's record${path ? ` (${path}: ${parsed.issues[0].message})` : ''}. Choose the run.json of an exported run.`,
  });
}

/** One line for a person: where and by what the run was first computed; '' where the record does not say. */
export function describeOrigin({ sessions }: RunRecord): string {
  if (sessions.length === 0) return '';
  const { device, software } = sessions[0];
  const versions = Object.entries(software.versions).map(([name, version]) => `${name} ${version}`);
  return `${device.backend} on ${device.name}, ${versions.join(', ')}, ${browserName(software.userAgent)}`;
}

/** `Chrome/156.0.0.0` of a user agent, or all of it. */
function browserName(userAgent: string): string {
  return /(?:Edg|Firefox|Chrome|HeadlessChrome|Version)\/[\d.]+/.exec(userAgent)?.[0] ?? userAgent;
}

/** `--own-task FILE[,FILE]`: tasks of one's own for a command that plays, in the files that the page exports them to. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { UsageError } from './options.ts';

export interface OwnTaskFile {
  name: string;
  text: string;
}

/** @throws {UsageError} for a file that cannot be read */
export function ownTaskFiles(options: ReadonlyMap<string, string>): OwnTaskFile[] {
  const files = options.get('own-task')?.split(',') ?? [];
  return files.map(file => {
    try {
      return { name: basename(file), text: readFileSync(file, 'utf8') };
    } catch (error) {
      throw new UsageError(`--own-task: ${(error as Error).message}`);
    }
  });
}

/** What the files call their tasks, for a command that names no others; what is no task is for the page to say. */
export function ownTaskNames(files: readonly OwnTaskFile[]): string[] {
  return files.flatMap(({ text }) => {
    try {
      const { name } = JSON.parse(text) as { name?: unknown };
      return typeof name === 'string' ? [name] : [];
    } catch {
      return [];
    }
  });
}

/** Source files of a folder, for the checks that read them as text. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SourceFile {
  /** Path from the repository's root, with forward slashes. */
  path: string;
  text: string;
}

/** Every TypeScript file below `folder`. */
export function sourceFiles(folder: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => join(entry.parentPath, entry.name).replaceAll('\\', '/'))
    .sort()
    .map(path => ({ path, text: readFileSync(path, 'utf8') }));
}

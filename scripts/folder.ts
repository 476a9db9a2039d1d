/** Folders of files to and from the base64 records that cross into the page. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Base64Files } from '../src/session/headless.ts';

/** Every file below `folder`, by its path inside it. @param expected  what to give instead. @throws {Error} when there is no such folder. */
export function readFolder(
  folder: string,
  expected = "--model takes a folder in Hub layout or a PEFT adapter's folder",
): Base64Files {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`${folder} is not a folder. ${expected}.`);
  const files: Base64Files = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files[relative(folder, path).replaceAll('\\', '/')] = readFileSync(path).toString('base64');
  }
  return files;
}

/** Writes each file below `folder`, making folders as needed. */
export function writeFolder(folder: string, files: Base64Files): void {
  for (const [path, base64] of Object.entries(files)) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, Buffer.from(base64, 'base64'));
  }
}

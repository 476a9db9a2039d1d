/** What `--model` names: a folder or a GGUF file of the disk, an adapter's folder, a Hub repository, an address. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readTypedModelName, writeModelName } from '../src/config/model-name.ts';
import type { Base64Files } from '../src/session/headless.ts';
import { serveFolder, type FolderServer } from './folder-server.ts';
import { readFolder } from './folder.ts';

export interface ChosenModel {
  /** For RunConfig.model. */
  model?: string;
  /** An adapter's files, which take the place of what `model` names. */
  modelFiles?: Base64Files;
  /** What an exported adapter calls its base, where that is not `model`. */
  baseName?: string;
  close(): Promise<void>;
}

const nothingOpen = async (): Promise<void> => {};

/** @throws {Error} when it names nothing that could be a model */
export async function chooseModel(option: string): Promise<ChosenModel> {
  if (!existsSync(option)) return { model: writeModelName(readTypedModelName(option)), close: nothingOpen };
  const isFolder = statSync(option).isDirectory();
  if (isFolder && existsSync(join(option, 'adapter_config.json')) && !existsSync(join(option, 'config.json')))
    return { modelFiles: readFolder(option), close: nothingOpen };
  if (!isFolder && !option.endsWith('.gguf'))
    throw new Error(
      `${option} is neither a folder nor a .gguf file. --model takes a folder in Hub layout, a PEFT adapter's folder, a GGUF file, a Hub repository or an address.`,
    );
  const server: FolderServer = await serveFolder(isFolder ? option : dirname(option));
  return {
    model: server.address + (isFolder ? '' : encodeURIComponent(basename(option))),
    baseName: option,
    close: () => server.close(),
  };
}

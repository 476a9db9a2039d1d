/** Files of a model that lies elsewhere: on a Hub or below an address. */
import type { AddressName, HubName, ModelName } from '../../config/model-name.ts';
import { CodedError } from '../../errors.ts';
import type { FileSource } from '../file-source.ts';
import { AddressSource } from './address-source.ts';
import type { DownloadContext } from './download.ts';
import { HubSource } from './hub-source.ts';

/** A source that knows what it stands for, pinned to a commit where there is one. */
export interface RemoteSource extends FileSource {
  readonly model: HubName | AddressName;
  /** Brings everything that loading reads, one file after the other. */
  fetchAll(): Promise<void>;
  /** Of a GGUF file: the mmproj file beside it, if any. */
  visionPart(): Promise<string | undefined>;
}

/** @throws {SourceError} @throws {StorageError} */
export async function openSource(name: ModelName, context: DownloadContext): Promise<RemoteSource> {
  if (name.kind === 'hub') return HubSource.open(name, context);
  if (name.kind === 'address') return new AddressSource(name, context);
  throw new CodedError('model-name-invalid', {
    message: `A model of kind ${name.kind} has no address to download from.`,
  });
}

/** Models from a Hub or an address, as the page handles them: named, pinned, brought into the cache, deleted. */
import * as Comlink from 'comlink';
import type { RunConfig } from '../config.ts';
import { isCommit, parseModelName, readTypedModelName, writeModelName } from '../config/model-name.ts';
import type { DownloadProgress, ModelPlan, RemoteModel } from '../protocol.ts';
import { askPersistence } from '../storage/persistence.ts';
import { WeightCache, type StoredModel } from '../storage/weights/cache.ts';
import { remoteModel } from './model-source.ts';
import type { SessionState } from './state.ts';
import type { Store } from './store.ts';
import type { TrainerWorker } from './trainer-worker.ts';

export class RemoteModels {
  constructor(
    private readonly store: Store<SessionState>,
    private readonly trainer: () => TrainerWorker,
  ) {}

  /** Lists what is kept of downloaded models. */
  async refresh(): Promise<void> {
    this.store.update({ downloaded: (await (await WeightCache.open())?.list()) ?? [] });
  }

  /**
   * What a person typed, as a configuration names it, pinned to its commit. Only the listing is asked for.
   * @throws {CodedError} model-name-invalid, and what the Hub answers
   */
  async named(typed: string): Promise<string> {
    return this.#pin(writeModelName(readTypedModelName(typed)));
  }

  /** What a run of this configuration needs of this device, from its model's files but the weights. @throws {CodedError} */
  async plan(config: RunConfig): Promise<ModelPlan> {
    const remote = remoteModel(config.model) as RemoteModel;
    return this.trainer().call(trainer => trainer.lookUp(remote, config));
  }

  /** The configuration with a Hub's branch or tag replaced by the commit that it stands for now: what a resumed run needs. */
  async pinned(config: RunConfig): Promise<RunConfig> {
    const name = parseModelName(config.model);
    if (name.kind !== 'hub' || isCommit(name.revision)) return config;
    const pinned = { ...config, model: await this.#pin(config.model) };
    if (this.store.value.config === config) this.store.update({ config: pinned });
    return pinned;
  }

  async #pin(model: string): Promise<string> {
    const remote = remoteModel(model);
    return remote ? this.trainer().call(trainer => trainer.pin(remote)) : model;
  }

  /** Brings the files of a model here, with its progress in the page's state. @throws {CodedError} */
  async download(model: string): Promise<void> {
    const remote = remoteModel(model) as RemoteModel;
    void askPersistence();
    this.store.update({ download: { loaded: 0, total: 0, rate: 0, file: '' } });
    const onProgress = Comlink.proxy((download: DownloadProgress) => this.store.update({ download }));
    try {
      await this.trainer().call(trainer => trainer.download(remote, onProgress));
    } finally {
      this.store.update({ download: null });
      await this.refresh();
    }
  }

  async cancel(): Promise<void> {
    await this.trainer().call(trainer => trainer.cancelDownload());
  }

  /** @throws {StorageError} weights-in-use */
  async delete({ id }: StoredModel): Promise<void> {
    await (await WeightCache.open())?.delete(id);
    await this.refresh();
  }
}

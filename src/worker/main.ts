/** The worker's entry: the trainer behind Comlink. Wiring only. */
import * as Comlink from 'comlink';
import type { EnvironmentService, EvaluateOptions, RunEvent, RunStart, TrainerService } from '../protocol.ts';
import { keepErrorCodes } from '../rpc.ts';
import { Trainer } from '../trainer/service.ts';

keepErrorCodes();

const trainer = new Trainer();
type OnEvent = (event: RunEvent) => void;

/** Proxies of the call under way: held here because Comlink drops requests whose proxy is collected (comlink #692). */
const held = new Set<object>();

/** Holds the page's proxies while `call` runs, and frees the page's ends of them afterwards (comlink #590). */
async function holding<T>(proxies: object[], call: () => Promise<T>): Promise<T> {
  for (const proxy of proxies) held.add(proxy);
  try {
    return await call();
  } finally {
    for (const proxy of proxies) {
      held.delete(proxy);
      (proxy as Comlink.Remote<object>)[Comlink.releaseProxy]();
    }
  }
}

const service: TrainerService = {
  device: backend => trainer.device(backend),
  run: (start: RunStart, environment: EnvironmentService, onEvent: OnEvent) =>
    holding([environment, onEvent], () => trainer.run(start, environment, onEvent)),
  pause: () => trainer.pause(),
  resume: () => trainer.resume(),
  stop: () => trainer.stop(),
  evaluate: (start: RunStart, options: EvaluateOptions, environment: EnvironmentService, onEvent: OnEvent) =>
    holding([environment, onEvent], () => trainer.evaluate(start, options, environment, onEvent)),
  export: kind => trainer.export(kind),
  collection: () => trainer.collection(),
  lookUp: (model, config) => trainer.lookUp(model, config),
  pin: model => trainer.pin(model),
  download: (model, onProgress) => holding([onProgress], () => trainer.download(model, onProgress)),
  cancelDownload: () => trainer.cancelDownload(),
};

Comlink.expose(service);

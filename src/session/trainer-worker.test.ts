import { expect, test } from 'vitest';
import { TrainerWorker } from './trainer-worker.ts';

test('what waits for a worker that ends is told, and so is what comes later', async () => {
  const worker = new TrainerWorker();
  const waiting = worker.call(trainer => trainer.device('wasm'));
  worker.terminate();
  await expect(waiting).rejects.toMatchObject({ code: 'worker-ended' });
  expect(worker.dead).toBe(true);
  await expect(worker.call(trainer => trainer.pause())).rejects.toMatchObject({ code: 'worker-ended' });
});

test('an error of the trainer arrives with its code', async () => {
  const worker = new TrainerWorker();
  await expect(worker.call(trainer => trainer.export('adapter'))).rejects.toMatchObject({
    code: 'nothing-trained',
  });
  worker.terminate();
});

/**
 * Has Chromium collect garbage before there is much of it. For every picture of the page (see screenshot.ts) it makes a document
 * with a window of its own, some 250 KB, and lets go of it in two steps: one collection frees the picture, the next one its
 * document, which the first still counted as in use. When the next collection is due follows from what was in use, so that the
 * heap of all frames grew from 60 to 250 MB (Chromium 156). The more such documents there are, the longer the next one takes.
 */

/**
 * Bytes that seem to be taken for a moment: more than the heap of all frames has to spare until its collection is due. They are
 * never touched, so no memory stands behind them.
 */
const ALARM = 512 * 2 ** 20;

/** What the page might replace later is taken now. Where it is missing, the buffer goes with the garbage. */
const { transfer } = ArrayBuffer.prototype as { transfer?: (bytes: number) => ArrayBuffer };
const Buffer = ArrayBuffer;
const apply = Reflect.apply;

/** A collection begins now and goes on between the tasks to come. For all frames of the process. */
export function collectSoon(): void {
  try {
    const alarm = new Buffer(ALARM);
    if (transfer) apply(transfer, alarm, [0]);
  } catch {
    // Where so much cannot even be reserved, the browser collects in its own time.
  }
}

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

/**
 * Bytes that Chromium tries to get and never can, so that it first does all it can to free some: four whole collections, of which
 * the last two give what they free back to the system and make the heap small again. A collection that is merely due gives
 * nothing back: with 20 MB of Blink's objects in use, 110 MB of half empty pages were kept for them. Where the browser refuses
 * so many without a try, nothing is collected.
 */
const NEVER = 2 ** 34;

/** A collection begins now and goes on between the tasks to come. For all frames of the process. */
export function collectSoon(): void {
  askFor(ALARM);
}

/** All frames of the process stand still for as long as it takes (see docs/environment.md). */
export function collectThoroughly(): void {
  askFor(NEVER);
}

function askFor(bytes: number): void {
  try {
    const buffer = new Buffer(bytes);
    if (transfer) apply(transfer, buffer, [0]);
  } catch {
    // Where so much cannot even be reserved, the browser collects at once, or in its own time.
  }
}

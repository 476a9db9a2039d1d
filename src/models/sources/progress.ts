/** Bytes of a download, its rate and the time left, told at most ten times a second. */
import type { DownloadProgress } from '../../protocol.ts';

const INTERVAL = 100;
/** Milliseconds that the rate looks back. */
const WINDOW = 5000;

export class ProgressMeter {
  readonly #present = new Map<string, number>();
  /** Bytes from the network, by time. */
  readonly #samples: { time: number; received: number }[] = [];
  #received = 0;
  #told = -Infinity;

  constructor(
    private readonly tell: (progress: DownloadProgress) => void,
    /** Bytes of all files, as far as they are known. */
    private total = 0,
  ) {}

  expect(bytes: number): void {
    this.total += bytes;
  }

  /** @param present  bytes of `file` that are here now; the first call says how many were there before */
  report(file: string, present: number, size: number): void {
    const before = this.#present.get(file);
    this.#present.set(file, present);
    if (before !== undefined) this.#received += Math.max(0, present - before);
    const time = performance.now();
    if (time - this.#told < INTERVAL && present < size) return;
    this.#told = time;
    this.#samples.push({ time, received: this.#received });
    while (this.#samples.length > 2 && time - this.#samples[0].time > WINDOW) this.#samples.shift();
    const loaded = [...this.#present.values()].reduce((sum, bytes) => sum + bytes, 0);
    this.tell({ loaded, total: Math.max(this.total, loaded), rate: this.#rate(), file });
  }

  #rate(): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)!];
    const seconds = (last.time - first.time) / 1000;
    return seconds > 0.3 ? (last.received - first.received) / seconds : 0;
  }
}

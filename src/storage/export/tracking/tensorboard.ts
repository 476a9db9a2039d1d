/** A run's numbers as a TensorBoard event file: records of `Event` messages, as protocol buffers write them. */
import type { TrackedRun } from './points.ts';

/** TensorBoard reads files whose names begin so. */
export const TENSORBOARD_PREFIX = 'events.out.tfevents.';

/** @see tensorflow/core/util/event.proto and tensorflow/core/lib/io/record_writer.cc */
export function toTensorBoard({ points }: TrackedRun): Uint8Array {
  const start = (points[0]?.time ?? 0) / 1000;
  const version = event(start, 0, message(3, utf8('brain.Event:2')));
  const events = points.map(({ step, time, metrics }) => {
    const values = Object.entries(metrics).map(([tag, value]) =>
      message(1, [...message(1, utf8(tag)), ...key(2, 5), ...float32(value)]),
    );
    return event(time / 1000, step, message(5, values.flat()));
  });
  return Uint8Array.from([version, ...events].flatMap(record));
}

/** Event: wall_time 1, step 2, then what it says. */
function event(seconds: number, step: number, what: number[]): number[] {
  return [...key(1, 1), ...float64(seconds), ...key(2, 0), ...varint(step), ...what];
}

/** Length (64 bits), its checksum, the data, its checksum. */
function record(data: number[]): number[] {
  const length = bytesOf(8, view => view.setBigUint64(0, BigInt(data.length), true));
  return [...length, ...checksum(length), ...data, ...checksum(data)];
}

/** The masked CRC-32C of a record. */
function checksum(data: readonly number[]): number[] {
  const crc = crc32c(data);
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  return bytesOf(4, view => view.setUint32(0, masked, true));
}

/** Castagnoli's polynomial, reflected. */
function crc32c(data: readonly number[]): number {
  let crc = ~0;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

const key = (field: number, wire: 0 | 1 | 2 | 5): number[] => [(field << 3) | wire];
const message = (field: number, data: number[]): number[] => [
  ...key(field, 2),
  ...varint(data.length),
  ...data,
];
const utf8 = (text: string): number[] => [...new TextEncoder().encode(text)];
const float32 = (value: number): number[] => bytesOf(4, view => view.setFloat32(0, value, true));
const float64 = (value: number): number[] => bytesOf(8, view => view.setFloat64(0, value, true));

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

function bytesOf(size: number, write: (view: DataView) => void): number[] {
  const bytes = new Uint8Array(size);
  write(new DataView(bytes.buffer));
  return [...bytes];
}

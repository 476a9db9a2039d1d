/** Random bytes by their position in a file, so that any range of any size can be made again without keeping it. */

const PERIOD = 1 << 20;
/** Not a divisor of any power of two: a block that arrives twice or shifted shows. */
const block = new Uint8Array(PERIOD - 3);
let state = 0x9e3779b9;
for (let i = 0; i < block.length; i++) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  block[i] = state >>> 24;
}

export function randomBytes(begin: number, end: number): Uint8Array {
  const bytes = new Uint8Array(end - begin);
  for (let at = begin; at < end;) {
    const offset = at % block.length;
    const piece = block.subarray(offset, Math.min(block.length, offset + end - at));
    bytes.set(piece, at - begin);
    at += piece.length;
  }
  return bytes;
}

/** BF16 numbers between 0.008 and 0.03 of either sign: what `randomBytes` gives, with every second byte an exponent. */
export function randomWeights(begin: number, end: number): Uint8Array {
  const bytes = randomBytes(begin, end);
  for (let i = 1 - (begin % 2); i < bytes.length; i += 2) bytes[i] = (bytes[i] & 0x80) | 0x3c;
  return bytes;
}

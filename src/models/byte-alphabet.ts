/** GPT-2's byte alphabet: how byte-level BPE writes any byte as a printable character. */

/** GPT-2's bytes_to_unicode: printable bytes stand for themselves, the others move to U+0100 and up. */
export function byteAlphabet(): string[] {
  const printable = (b: number) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || (b >= 174 && b <= 255);
  let next = 256;
  return Array.from({ length: 256 }, (_, b) => String.fromCodePoint(printable(b) ? b : next++));
}

/** Groups sequences of unequal lengths so that little of a right-padded batch is padding. */

/** A batch's sequences by index, and the length to which they are padded. */
export interface Bucket {
  members: number[];
  length: number;
}

/** A sequence joins a bucket of longer ones while it fills at least this share of their length. */
const FILL = 0.75;

/** @param lengths  tokens of each sequence, at least 1 */
export function bucketByLength(lengths: ArrayLike<number>): Bucket[] {
  const order = Array.from({ length: lengths.length }, (_, index) => index);
  order.sort((a, b) => lengths[b] - lengths[a] || a - b);
  const buckets: Bucket[] = [];
  for (const index of order) {
    const last = buckets.at(-1);
    if (last && lengths[index] >= FILL * last.length) last.members.push(index);
    else buckets.push({ members: [index], length: lengths[index] });
  }
  return buckets;
}

/** The order in which Qwen3-VL's vision tower takes an image's patches: square by square, each of which becomes one token. */

/** For each place in block order the patch in raster order. */
export function blockOrder(rows: number, columns: number, merge: number): Int32Array {
  const order = new Int32Array(rows * columns);
  let place = 0;
  for (let blockRow = 0; blockRow < rows; blockRow += merge)
    for (let blockColumn = 0; blockColumn < columns; blockColumn += merge)
      for (let row = blockRow; row < blockRow + merge; row++)
        for (let column = blockColumn; column < blockColumn + merge; column++)
          order[place++] = row * columns + column;
  return order;
}

/**
 * Where each patch of a grid looks into the square table of position embeddings: bilinear, corners on corners.
 * @returns four taps a patch, tap by tap: indices into the table and weights, [4 · patches] each, in block order
 */
export function positionTaps(
  side: number,
  rows: number,
  columns: number,
  merge: number,
): { indices: Int32Array; weights: Float32Array } {
  const axis = (count: number, at: number): { low: number; high: number; share: number } => {
    const place = count > 1 ? (at * (side - 1)) / (count - 1) : 0;
    const low = Math.min(Math.floor(place), side - 1);
    return { low, high: Math.min(low + 1, side - 1), share: place - low };
  };
  const count = rows * columns;
  const indices = new Int32Array(4 * count);
  const weights = new Float32Array(4 * count);
  blockOrder(rows, columns, merge).forEach((patch, place) => {
    const y = axis(rows, Math.floor(patch / columns));
    const x = axis(columns, patch % columns);
    const taps: [number, number, number][] = [
      [y.low, x.low, (1 - y.share) * (1 - x.share)],
      [y.low, x.high, (1 - y.share) * x.share],
      [y.high, x.low, y.share * (1 - x.share)],
      [y.high, x.high, y.share * x.share],
    ];
    taps.forEach(([row, column, weight], tap) => {
      indices[tap * count + place] = row * side + column;
      weights[tap * count + place] = weight;
    });
  });
  return { indices, weights };
}

/** Rotary angles of every patch, [patches, headSize] in block order: a quarter by row, a quarter by column, and both again. */
export function patchAngles(
  headSize: number,
  theta: number,
  rows: number,
  columns: number,
  merge: number,
): Float64Array {
  const quarter = headSize / 4;
  const angles = new Float64Array(rows * columns * headSize);
  blockOrder(rows, columns, merge).forEach((patch, place) => {
    const at = [Math.floor(patch / columns), patch % columns];
    for (let k = 0; k < headSize; k++)
      angles[place * headSize + k] =
        at[Math.floor(k / quarter) % 2] * theta ** ((-2 * (k % quarter)) / (headSize / 2));
  });
  return angles;
}

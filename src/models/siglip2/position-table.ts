/** Position embeddings of an image's patch grid, as a matrix that resizes the square table: differentiable by one matmul. */
import { resamplingTaps } from '../images/resampling.ts';

/**
 * [rows · columns, side · side], row-major: grid position to weights over the table, bilinear with antialias.
 * @see transformers Siglip2VisionEmbeddings.resize_positional_embeddings (align_corners=False, antialias=True)
 */
export function positionWeights(side: number, rows: number, columns: number): Float32Array {
  const vertical = resamplingTaps(side, rows, 'bilinear');
  const horizontal = resamplingTaps(side, columns, 'bilinear');
  const matrix = new Float32Array(rows * columns * side * side);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const base = (row * columns + column) * side * side;
      const y = vertical[row];
      const x = horizontal[column];
      for (let i = 0; i < y.weights.length; i++)
        for (let j = 0; j < x.weights.length; j++)
          matrix[base + (y.start + i) * side + x.start + j] += y.weights[i] * x.weights[j];
    }
  return matrix;
}

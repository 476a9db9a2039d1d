/** Structural similarity of two images (Wang et al. 2004), on luma, in windows of 7 × 7 as scikit-image takes them. */

export interface RgbaImage {
  width: number;
  height: number;
  data: ArrayLike<number>;
}

const WINDOW = 7;
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/** Mean over all windows, 1 for equal images. @throws {RangeError} for images of different size. */
export function structuralSimilarity(a: RgbaImage, b: RgbaImage): number {
  if (a.width !== b.width || a.height !== b.height)
    throw new RangeError(`The images are ${a.width} × ${a.height} and ${b.width} × ${b.height} pixels.`);
  const { width, height } = a;
  const [x, y] = [luma(a), luma(b)];
  const product = (p: Float64Array, q: Float64Array) => p.map((value, i) => value * q[i]!);
  const [sx, sy] = [windowSums(x, width, height), windowSums(y, width, height)];
  const [sxx, syy] = [windowSums(product(x, x), width, height), windowSums(product(y, y), width, height)];
  const sxy = windowSums(product(x, y), width, height);
  const n = WINDOW * WINDOW;
  let total = 0;
  for (let i = 0; i < sx.length; i++) {
    const [mx, my] = [sx[i]! / n, sy[i]! / n];
    // Sample variances, n - 1, as scikit-image's default.
    const vx = (sxx[i]! - n * mx * mx) / (n - 1);
    const vy = (syy[i]! - n * my * my) / (n - 1);
    const cov = (sxy[i]! - n * mx * my) / (n - 1);
    total += ((2 * mx * my + C1) * (2 * cov + C2)) / ((mx * mx + my * my + C1) * (vx + vy + C2));
  }
  return total / sx.length;
}

/** ITU-R 601, as PIL's convert('L'). */
function luma({ width, height, data }: RgbaImage): Float64Array {
  const out = new Float64Array(width * height);
  for (let i = 0; i < out.length; i++)
    out[i] = 0.299 * data[4 * i]! + 0.587 * data[4 * i + 1]! + 0.114 * data[4 * i + 2]!;
  return out;
}

/** Sums over every whole window, by a table of sums over rectangles from the corner. */
function windowSums(values: Float64Array, width: number, height: number): Float64Array {
  const stride = width + 1;
  const table = new Float64Array(stride * (height + 1));
  for (let row = 0; row < height; row++) {
    let line = 0;
    for (let column = 0; column < width; column++) {
      line += values[row * width + column]!;
      table[(row + 1) * stride + column + 1] = table[row * stride + column + 1]! + line;
    }
  }
  const [columns, rows] = [width - WINDOW + 1, height - WINDOW + 1];
  const out = new Float64Array(columns * rows);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const at = row * stride + column;
      const below = at + WINDOW * stride;
      out[row * columns + column] = table[below + WINDOW]! - table[below]! - table[at + WINDOW]! + table[at]!;
    }
  return out;
}

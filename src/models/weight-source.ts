/** Weights by name, whatever the format of the files they lie in. */

export interface WeightSource {
  /** In the order of their bytes: read so, files that are still coming in need not be waited for. */
  names(): string[];
  /** As PyTorch has it. @throws {ModelFormatError} tensor-missing */
  shape(name: string): number[];
  /** Values as float32, row-major. @throws {ModelFormatError} tensor-missing, tensor-not-finite */
  read(name: string): Promise<Float32Array<ArrayBuffer>>;
  /** The same in pieces of at most `count` values, one after the other: a large table never lies in memory whole. */
  pieces(name: string, count: number): AsyncGenerator<Float32Array<ArrayBuffer>>;
}

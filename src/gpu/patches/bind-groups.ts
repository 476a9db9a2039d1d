/**
 * Making a bind group costs more than all else that a dispatch is: some 5 µs here, and more in the browser's GPU process. A pass
 * that comes again gets the buffers that it had (`pool.ts`), so that nearly all of its bind groups are known.
 */
import { numberOf } from './buffer-numbers.ts';

/** Bind groups of a generation; those that nobody asked for in a whole generation are forgotten. A training step has some 2,000. */
const GENERATION = 4096;

/** A tree of numbers: a path of a layout's and its buffers' leads to their bind group. */
class Branch {
  group: GPUBindGroup | null = null;
  readonly #next = new Map<number, Branch>();

  find(number: number): Branch | undefined {
    return this.#next.get(number);
  }

  grow(number: number): Branch {
    let branch = this.#next.get(number);
    if (!branch) this.#next.set(number, (branch = new Branch()));
    return branch;
  }
}

/** Makes the device give the bind group that it made of the same layout and the same buffers, instead of another one. */
export function rememberBindGroups(device: GPUDevice): void {
  const create = device.createBindGroup.bind(device);
  const path: number[] = [];
  let recent = new Branch();
  let older = new Branch();
  let count = 0;
  device.createBindGroup = descriptor => {
    if (!putPath(descriptor, path)) return create(descriptor);
    let leaf = recent;
    for (const number of path) leaf = leaf.grow(number);
    if (leaf.group) return leaf.group;
    let known: Branch | undefined = older;
    for (const number of path) known = known?.find(number);
    const group = known?.group ?? create(descriptor);
    leaf.group = group;
    if (++count >= GENERATION) {
      older = recent;
      recent = new Branch();
      count = 0;
    }
    return group;
  };
}

/** @returns false where there is anything but buffers, numbered from 0 on */
function putPath({ layout, entries }: GPUBindGroupDescriptor, path: number[]): boolean {
  path.length = 0;
  path.push(numberOf(layout));
  for (const { binding, resource } of entries) {
    if (!('buffer' in resource) || binding !== (path.length - 1) / 3) return false;
    const { buffer, offset, size } = resource;
    path.push(numberOf(buffer), offset ?? 0, size ?? -1);
  }
  return true;
}

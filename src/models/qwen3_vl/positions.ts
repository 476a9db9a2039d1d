/** Where Qwen3-VL's tokens stand: in time, height and width. */
import type { Placement } from '../language-model/plan.ts';
import type { ImagePatches } from '../policy.ts';

/** Positions of a batch's rows. Text stands at the same place on all three axes. */
export interface Positions {
  time: Int32Array;
  height: Int32Array;
  width: Int32Array;
  /** The position after each placement's last token. */
  next: Map<Placement, number>;
  /** Whether any image makes the axes differ. */
  isSpatial: boolean;
}

/**
 * Text counts on by one; the tokens of an image share their time and count rows and columns from there, and what follows goes on
 * after the longer side.
 * @param rows  of the batch; those of no placement stay at 0
 * @see transformers Qwen3VLModel.get_rope_index
 */
export function positionsOf(
  placements: Placement[],
  rows: number,
  placeholderId: number,
  gridOf: (image: ImagePatches) => { rows: number; columns: number },
): Positions {
  const [time, height, width] = [new Int32Array(rows), new Int32Array(rows), new Int32Array(rows)];
  const next = new Map<Placement, number>();
  let isSpatial = false;
  for (const placement of placements) {
    const { ids, images, start, after } = placement;
    let current = after ? next.get(after)! : 0;
    let image = 0;
    for (let i = 0; i < ids.length;) {
      const row = start + i;
      if (ids[i] !== placeholderId || image >= images.length) {
        time[row] = height[row] = width[row] = current++;
        i++;
        continue;
      }
      const grid = gridOf(images[image++]);
      isSpatial = true;
      for (let token = 0; token < grid.rows * grid.columns && i < ids.length; token++, i++) {
        time[start + i] = current;
        height[start + i] = current + Math.floor(token / grid.columns);
        width[start + i] = current + (token % grid.columns);
      }
      current += Math.max(grid.rows, grid.columns);
    }
    next.set(placement, current);
  }
  return { time, height, width, next, isSpatial };
}

/**
 * Screenshots that frames need not draw and send again. A picture's name says what it was drawn from, so that pages which look
 * alike share one: the members of a group begin with the same page, and often do the same to it.
 */
import type { Picture } from '../frame/protocol.ts';

/** Starts whose pictures are kept: the groups that are played now and those that come next. */
const MOST_STARTS = 16;
/** Of one start; each has some 130 KB. */
const MOST_OF_A_START = 8;

/** What the episodes of one start looked like, the latest last. */
export class StartPictures {
  private readonly kept = new Map<string, Picture>();

  names(): string[] {
    return [...this.kept.keys()];
  }

  all(): ReadonlyMap<string, Picture> {
    return new Map(this.kept);
  }

  /** Keeps `picture` itself, which must not change from now on. */
  keep(picture: Picture): void {
    this.kept.delete(picture.name);
    this.kept.set(picture.name, picture);
    dropOldest(this.kept, MOST_OF_A_START);
  }
}

/** Those of the starts that were played last. */
export class Pictures {
  private readonly starts = new Map<string, StartPictures>();

  of(task: string, seed: number): StartPictures {
    const key = `${seed} ${task}`;
    const pictures = this.starts.get(key) ?? new StartPictures();
    this.starts.delete(key);
    this.starts.set(key, pictures);
    dropOldest(this.starts, MOST_STARTS);
    return pictures;
  }
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}

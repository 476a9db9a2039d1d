/** CSS transitions and animations, put where the virtual clock says they are. */

const begun = new WeakMap<Animation, number>();

/** Holds every running animation at its age on the virtual clock; an older one than its length is finished. */
export function settleAnimations(now: number): void {
  for (const animation of document.getAnimations()) {
    const start = begun.get(animation) ?? now;
    begun.set(animation, start);
    const end = Number(animation.effect?.getComputedTiming().endTime ?? 0);
    if (Number.isFinite(end)) animation.finish();
    else {
      animation.pause();
      animation.currentTime = now - start;
    }
  }
}

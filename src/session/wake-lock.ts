/** Keeps the screen from sleeping while a run is under way; browsers drop the lock when the tab is hidden. */

let wanted = false;
let sentinel: WakeLockSentinel | undefined;

/** Holds or releases the lock. A browser that refuses (low battery, no support) only means that the screen may sleep. */
export async function keepAwake(on: boolean): Promise<void> {
  wanted = on;
  if (!on) {
    const held = sentinel;
    sentinel = undefined;
    await held?.release();
    return;
  }
  if (!navigator.wakeLock || document.visibilityState !== 'visible') return;
  try {
    sentinel = await navigator.wakeLock.request('screen');
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'NotAllowedError')) throw error;
  }
}

document.addEventListener('visibilitychange', () => {
  if (wanted && document.visibilityState === 'visible') void keepAwake(true);
});

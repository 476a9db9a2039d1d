/** The words for what goes on: phases, states, errors and their cures. */
import type { ErrorInfo } from '../errors.ts';
import type { Phase } from '../protocol.ts';
import { isActive, type PhaseState, type SessionState } from '../session/state.ts';
import { bytes, duration, number, roughDuration } from './format.ts';

const PHASES: Record<Phase, string> = {
  loading: 'loading the policy',
  compiling: 'compiling kernels',
  evaluating: 'testing on held-out pages',
  collecting: 'collecting demonstrations',
  'rolling-out': 'trying',
  updating: 'learning from the tries',
  saving: 'saving a checkpoint',
  paused: 'paused',
};

/** `step 12 of 60 · trying 23 of 32 · 1.4 s a step · 1 min left`, or what the state is when nothing runs. */
export function stateLine(state: SessionState): string {
  const { status, run, phase, secondsPerStep, device } = state;
  if (status === 'cold') return 'Looking at the device…';
  if (status === 'cannot') return 'This device cannot train as configured.';
  if (status === 'ready') return device ? 'Ready. Nothing runs until you press Train.' : '';
  if (!isActive(status)) return outcome(state);
  if (!run || !phase) return 'Starting…';
  const total = run.config.max_steps;
  const preparing = phase.phase === 'loading' || phase.phase === 'compiling' || phase.phase === 'collecting';
  const between = phase.phase === 'evaluating' || phase.phase === 'saving' || phase.phase === 'paused';
  const step = Math.min(run.step + (between ? 0 : 1), total);
  const parts = preparing ? [] : [`step ${step} of ${total}`];
  if (status === 'paused') parts.push('paused');
  else parts.push(phaseWords(state));
  if (status === 'pausing') parts.push('will pause after this');
  if (status === 'stopping') parts.push('will stop after this');
  if (Number.isFinite(secondsPerStep)) {
    parts.push(`${duration(secondsPerStep)} a step`);
    if (run.step < total) parts.push(`${roughDuration(secondsPerStep * (total - run.step))} left`);
  }
  return parts.join(' · ');
}

function phaseWords({ phase, run }: SessionState): string {
  const { phase: name, done, total } = phase!;
  const imitating = name === 'updating' && run?.config.method === 'sft';
  const words = imitating ? 'learning from the solutions' : PHASES[name];
  if (name === 'loading') return total > 0 ? `${words}, ${downloadWords(phase!)}` : words;
  return total > 1 ? `${words} ${done} of ${total}` : words;
}

/** `412 MB of 902 MB · 12 MB/s · 40 s left (model.safetensors)` */
export function downloadWords({
  done,
  total,
  rate,
  note,
}: Pick<PhaseState, 'done' | 'total' | 'rate' | 'note'>): string {
  const left = rate > 0 && total > done ? ` · ${roughDuration((total - done) / rate)} left` : '';
  const speed = rate > 0 ? ` · ${bytes(rate)}/s` : '';
  return `${bytes(done)} of ${bytes(total)}${speed}${left}${note ? ` (${note})` : ''}`;
}

function outcome({ status, run, evaluations }: SessionState): string {
  if (!run) return '';
  if (status === 'failed') return `The run failed at step ${run.step}. What was stored is kept.`;
  const first = evaluations[0];
  const last = evaluations[evaluations.length - 1];
  const ended = status === 'finished' ? 'Finished' : 'Stopped';
  if (!first || !last || first === last) return `${ended} at step ${run.step}.`;
  const episodes = last.tasks.reduce((sum, task) => sum + task.episodes, 0);
  const rate = (value: number) => `${Math.round(value * 100)} %`;
  return `${ended} at step ${run.step}: from ${rate(first.success)} to ${rate(last.success)} on ${number(episodes)} held-out pages.`;
}

/** Share of the phase under way, in [0, 1]; null when it cannot be told. */
export function progress({ phase, run }: SessionState): number | null {
  if (!run || !phase) return null;
  const inner = phase.total > 0 ? Math.min(1, phase.done / phase.total) : 0;
  // Before the first step the phase is all there is to show.
  if (run.step === 0 && phase.phase !== 'rolling-out' && phase.phase !== 'updating') return inner || null;
  return run.config.max_steps > 0 ? Math.min(1, run.step / run.config.max_steps) : null;
}

export interface Cure {
  label: string;
  action: 'wasm' | 'smaller-group' | 'runs' | 'device' | 'resume' | 'nano' | 'built-in';
}

/** The likeliest cure of an error; none when only the person can act. */
export function cureOf({ name, code }: ErrorInfo, resumable: boolean): Cure | null {
  // A run that was deleted, too: the list says which are left.
  if (code === 'storage-full' || code === 'storage-missing')
    return { label: 'Show stored runs', action: 'runs' };
  if (code === 'pages-missing') return { label: 'Use the built-in tasks', action: 'built-in' };
  if (
    name === 'ModelFormatError' ||
    name === 'ModelSourceError' ||
    name === 'SourceError' ||
    code === 'model-missing'
  )
    return { label: 'Use the built-in policy', action: 'nano' };
  if (code === 'no-webgpu' || code === 'no-adapter' || code === 'limit-exceeded')
    return { label: 'Train on the processor (wasm)', action: 'wasm' };
  if (code === 'out-of-memory') return { label: 'Halve the group', action: 'smaller-group' };
  if (resumable && (code === 'device-lost' || name === 'WorkerError'))
    return { label: 'Resume from the last checkpoint', action: 'resume' };
  return code === 'device-lost' || name === 'WorkerError' ? { label: 'Try again', action: 'device' } : null;
}

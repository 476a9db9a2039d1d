/** How the threads of a linear kernel share its work: by adapter, sizes and sequences. */

export interface LinearForm {
  /** Rows of the matrices (gated: of each) that a team (software: a thread) computes. */
  rows: number;
  /** Threads of a team, which share the columns; 1 for a thread that is alone, with no barrier. */
  threads: number;
  /** Teams of a workgroup. */
  teams: number;
  /** Whether neighbours add up by subgroup operations first. */
  subgroups: boolean;
  /** Whether four threads of a software adapter share what they read, and nothing else here counts. */
  quad?: boolean;
}

export interface LinearSizes {
  /** Outputs; of a gated layer, of each of its two matrices. */
  outputs: number;
  columns: number;
  gated: boolean;
  /** Sequences a workgroup computes. */
  tile: number;
}

/** Threads of a workgroup: what every adapter allows. */
const WORKGROUP = 256;

/** Workgroups that keep a large GPU busy: of an H100's 132 multiprocessors nearly each gets one. */
const ENOUGH = 128;

/** A team reads whole lines of memory, and its threads make up subgroups' quads. */
const LEAST_THREADS = 16;

/** As many threads share a row as it takes to have enough workgroups: then none walks along many columns. */
export function linearForm(adapter: { software: boolean; subgroups: boolean }, o: LinearSizes): LinearForm {
  if (adapter.software) return softwareForm(adapter.subgroups && o.columns % 4 === 0);
  const { outputs, columns, gated, tile } = o;
  const { subgroups } = adapter;
  // A gated layer for many sequences is bound by arithmetic, so that no multiprocessor should get a second workgroup while
  // others have one: three rows a team where that makes just enough workgroups and two rows make some more.
  const teams = Math.ceil(outputs / 3 / ENOUGH);
  const threads = LEAST_THREADS;
  if (gated && tile > 2 && teams * threads <= WORKGROUP && 2 * teams * threads > WORKGROUP)
    return { rows: 3, threads, teams, subgroups };
  return evenForm(subgroups, outputs, columns, gated && tile > 2 ? 2 : 4);
}

/** Sequences of a workgroup, of those that are asked for: a thread that is alone takes four, or compiling takes seconds. */
export function sequencesOf(form: LinearForm, tile: 1 | 2 | 4 | 8): 1 | 2 | 4 | 8 {
  return form.threads === 1 && !form.quad && tile > 4 ? 4 : tile;
}

function softwareForm(quad: boolean): LinearForm {
  return { rows: 4, threads: 1, teams: 1, subgroups: false, ...(quad && { quad }) };
}

/** @param most  rows of a team: a thread holds a sum for each of them and each sequence */
function evenForm(subgroups: boolean, outputs: number, columns: number, most: number): LinearForm {
  let rows = most;
  while (rows > 1 && 2 * outputs < ENOUGH * rows) rows /= 2;
  const powerOfTwo = (n: number): number => 2 ** Math.ceil(Math.log2(n));
  const wanted = powerOfTwo((ENOUGH * WORKGROUP * rows) / outputs);
  const useful = powerOfTwo(Math.ceil(columns / 8));
  const threads = Math.max(LEAST_THREADS, Math.min(wanted, useful, WORKGROUP));
  return { rows, threads, teams: WORKGROUP / threads, subgroups };
}

/** Sums that a thread may hold. */
const MOST_SUMS = 96;

/**
 * Whether each workgroup multiplies its input by the LoRA branches' first matrices itself, `ranks` rows in all, instead of
 * finding the products made by a dispatch before it. They lie in the GPU's cache, so a dispatch, some 10 µs, is saved by
 * reading there up to four times what the layer's weights are in f16.
 */
export function computesLow(form: LinearForm, o: LinearSizes, ranks: number): boolean {
  if (form.threads === 1 || ranks === 0) return false;
  const matrices = o.gated ? 2 : 1;
  const held = (form.rows * matrices + Math.ceil(ranks / form.teams)) * o.tile;
  const groups = Math.ceil(o.outputs / form.rows / form.teams);
  return held <= MOST_SUMS && groups * ranks * 4 <= 4 * o.outputs * matrices * 2;
}

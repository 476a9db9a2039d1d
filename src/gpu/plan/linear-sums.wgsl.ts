/**
 * How the teams of a linear kernel add up: each thread holds a part of every sum of its team. Where there are subgroups, four
 * neighbours first exchange parts, so that each holds those of a quarter of the sums for all four: less to be written.
 */
import type { LinearForm } from './linear-form.ts';

/** Workgroup memory that every adapter has. */
const MEMORY = 16_384;

/**
 * `totals[team * sums + sum]`, once `code` has run in every thread `t`, number `lane` of its team.
 * @param sums  names of a thread's parts
 */
export function sumsWgsl(sums: string[], form: LinearForm): { declarations: string; code: string } {
  const { threads, teams, subgroups } = form;
  const parts = subgroups ? threads / 4 : threads;
  // Odd, so that threads that read different sums of the same parts meet in no bank of the memory.
  const stride = parts * teams + 1;
  const room = Math.floor((MEMORY - 4 * teams * sums.length) / (4 * stride));
  const batch = Math.min(4 * Math.ceil(sums.length / 4), Math.max(4, room - (room % 4)));
  const batches = Array.from({ length: Math.ceil(sums.length / batch) }, (_, i) =>
    sums.slice(i * batch, (i + 1) * batch),
  );
  const code = batches.map((some, b) => {
    const write = subgroups
      ? Array.from({ length: Math.ceil(some.length / 4) }, (_, k) => {
          const [p, q, r, s] = [0, 1, 2, 3].map(i => some[4 * k + i] ?? '0.0');
          return `{ let even = select(${p}, ${q}, odd) + subgroupShuffleXor(select(${q}, ${p}, odd), 1u);
    let upper = select(${r}, ${s}, odd) + subgroupShuffleXor(select(${s}, ${r}, odd), 1u);
    parts[(${4 * k}u + t % 4u) * ${stride}u + t / 4u] = select(even, upper, high) + subgroupShuffleXor(select(upper, even, high), 2u); }`;
        })
      : some.map((sum, i) => `parts[${i * stride}u + t] = ${sum};`);
    return `${write.join('\n  ')}
  workgroupBarrier();
  for (var i = t; i < ${some.length * teams}u; i += ${threads * teams}u) {
    let sum = i % ${some.length}u; let of_team = i / ${some.length}u;
    let start = sum * ${stride}u + of_team * ${parts}u;
    var whole = 0.0;
    for (var part = 0u; part < ${parts}u; part++) { whole += parts[start + part]; }
    totals[of_team * ${sums.length}u + ${b * batch}u + sum] = whole;
  }
  workgroupBarrier();`;
  });
  return {
    declarations: `var<workgroup> parts: array<f32, ${batch * stride}>;
var<workgroup> totals: array<f32, ${teams * sums.length}>;`,
    code: `${subgroups ? 'let odd = t % 2u == 1u; let high = t % 4u > 1u;' : ''}
  ${code.join('\n  ')}`,
  };
}

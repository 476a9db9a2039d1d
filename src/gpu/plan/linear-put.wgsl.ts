/** What follows a linear kernel's products: the norm's scale, the LoRA branches, the gated activation, the residual sum. */
import type { StepLinear } from './linear.wgsl.ts';

const total = (numbers: number[]): number => numbers.reduce((sum, n) => sum + n, 0);

/**
 * `put(s, at, n, a, b, scale)`: what follows the product of one row with sequence `s`, number `at` of the tile; `scale` is the
 * norm's. With `ahead`, `read_ahead(s, n)` must have read what it needs.
 */
export function putWgsl(o: StepLinear, N: number, ahead: boolean): string {
  const ranks = total(o.lora.map(branch => branch.rank));
  const start = (of: (branch: number) => number, i: number): number =>
    total(o.lora.slice(0, i).map((_, j) => of(j)));
  const firsts = o.lora.map((_, i) => start(j => o.outputs[j], i));
  const lows = o.lora.map((_, i) => start(j => o.lora[j].rank, i));
  /** An element of the second matrix of a branch, `n` being a row of its product. */
  const upAt = (i: number, n: string, j: string): string =>
    `up[${start(k => o.lora[k].rank * o.outputs[k], i)}u + (${n}) * ${o.lora[i].rank}u + ${j}]`;
  const lowAt = (i: number, j: string): string =>
    o.ownLow ? `scale * low_of(at, ${lows[i]}u + ${j})` : `low[s * ${ranks}u + ${lows[i]}u + ${j}]`;
  const list = (i: number): number[] => Array.from({ length: o.lora[i].rank }, (_, j) => j);
  /** Of a pair a row has both branches, else that of its matrix. */
  const kept = (i: number, j: number): string => `up_${o.gated ? lows[i] + j : j}`;
  const read = (i: number, n: string): string =>
    list(i)
      .map(j => `${kept(i, j)} = ${upAt(i, n, `${j}u`)};`)
      .join(' ');
  const add = (i: number, n: string, into: string): string => {
    const { rank, scaling } = o.lora[i];
    if (rank === 0) return '';
    const terms = ahead
      ? list(i)
          .map(j => `sum += ${lowAt(i, `${j}u`)} * ${kept(i, j)};`)
          .join(' ')
      : `for (var j = 0u; j < ${rank}u; j++) { sum += ${lowAt(i, 'j')} * ${upAt(i, n, 'j')}; }`;
    return `var sum = 0.0; ${terms} ${into} += ${scaling} * sum;`;
  };
  const each = (of: (i: number, n: string) => string): string =>
    o.lora
      .map((_, i) => {
        const code = of(i, o.gated ? 'n' : `n - ${firsts[i]}u`);
        if (!code) return '';
        return o.gated
          ? `{ ${code} }`
          : `if (n >= ${firsts[i]}u && n < ${firsts[i] + o.outputs[i]}u) { ${code} }`;
      })
      .join('\n');
  const most = o.gated ? ranks : Math.max(0, ...o.lora.map(({ rank }) => rank));
  const reading = ahead
    ? `${Array.from({ length: most }, (_, j) => `var<private> up_${j}: f32;`).join(' ')}
${o.residual ? 'var<private> before: f32;' : ''}
fn read_ahead(s: u32, n: u32) {
  ${o.residual ? `before = y[s * ${N}u + n];` : ''}
  ${each(read)}
}\n`
    : '';
  return `${reading}fn put(s: u32, at: u32, n: u32, a: f32, b: f32, scale: f32) {
  if (s >= F.S || n >= ${N}u) { return; }
  var value = a * scale;
  ${o.gated ? 'var second = b * scale;' : ''}
  ${each((i, n) => add(i, n, o.gated && i > 0 ? 'second' : 'value'))}
  ${o.gated ? 'value = value / (1.0 + exp(-value)) * second;' : ''}
  y[s * ${N}u + n] = ${o.residual ? (ahead ? 'before + ' : `y[s * ${N}u + n] + `) : ''}value;
}\n`;
}

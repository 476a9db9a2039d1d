/**
 * What every kernel of the decode plan shares: the step's parameters, and the state of the sequences, all on the GPU.
 *
 * `state` is one array of words: which slot each row of the batch decodes, then eight words a slot, then each slot's pages of
 * the key-value cache. Rows are dense, slots are not, so sequences leave without anything being moved.
 */

/** Words of a slot. */
export const FIELD = { position: 0, token: 1, alive: 2, count: 3, key: 4, limit: 5 } as const;
export const SLOT_WORDS = 8;

/** Positions of a page of the key-value cache. */
export const PAGE = 16;

/** Tokens that may end a turn. */
export const MOST_EOS = 8;

/**
 * Storage buffers that a kernel of the plan binds at most, with weights of float formats and of those that have scales:
 * convolution and attention; of the latter the gated products, too.
 */
export const MOST_BUFFERS = { floats: 8, scaled: 9 } as const;

/** Bytes of the uniform `F`. */
export const FRAME_BYTES = 48 + 4 * MOST_EOS;

/** Declares `F` and, with `state`, its accessors. */
export function frameWgsl(frame: number, state?: { binding: number; access: 'read' | 'read_write' }): string {
  const uniform = `struct Frame { S: u32, slots: u32, tableWidth: u32, outWidth: u32, temperature: f32, topP: f32, logMinP: f32,
  topK: u32, greedy: u32, eosCount: u32, penalty: f32, a: u32, eos: array<vec4<u32>, ${MOST_EOS / 4}> }
@group(0) @binding(${frame}) var<uniform> F: Frame;\n`;
  if (!state) return uniform;
  return `${uniform}@group(0) @binding(${state.binding}) var<storage, ${state.access}> state: array<u32>;
fn slot_of(row: u32) -> u32 { return state[row]; }
fn field_at(slot: u32, field: u32) -> u32 { return F.slots + slot * ${SLOT_WORDS}u + field; }
fn position_of(slot: u32) -> u32 { return state[field_at(slot, ${FIELD.position}u)]; }
fn page_of(slot: u32, position: u32) -> u32 {
  return state[F.slots * ${SLOT_WORDS + 1}u + slot * F.tableWidth + position / ${PAGE}u];
}\n`;
}

/** `<name>8(row, c)` and, for `read_write`, `put_<name>8(row, c, value)` over rows of `columns` floats. */
export function rowsWgsl(
  name: string,
  binding: number,
  columns: number,
  access: 'read' | 'read_write',
): string {
  const aligned = columns % 4 === 0;
  const head = `@group(0) @binding(${binding}) var<storage, ${access}> ${name}: array<${aligned ? 'vec4<f32>' : 'f32'}>;\n`;
  const get = `fn ${name}8(row: u32, c: u32) -> Eight {`;
  const put = `fn put_${name}8(row: u32, c: u32, eight: Eight) {`;
  if (aligned) {
    const at = `let at = row * ${columns / 4}u + c * 2u;`;
    // Eight at a time may end half-way in a row whose length is a multiple of four alone.
    const whole = columns % 8 === 0;
    const second = `c * 8u + 4u < ${columns}u`;
    return `${head}${get} ${at} ${whole ? `return Eight(${name}[at], ${name}[at + 1u]);` : `var hi = vec4<f32>(); if (${second}) { hi = ${name}[at + 1u]; } return Eight(${name}[at], hi);`} }
${access === 'read' ? '' : `${put} ${at} ${name}[at] = eight.lo; ${whole ? '' : `if (${second})`} { ${name}[at + 1u] = eight.hi; } }\n`}`;
  }
  const eight = [0, 1, 2, 3, 4, 5, 6, 7];
  const part = (e: number): string => `${e < 4 ? 'lo' : 'hi'}.${'xyzw'[e % 4]}`;
  const at = `let at = row * ${columns}u + c * 8u; let left = ${columns}u - min(c * 8u, ${columns}u);`;
  return `${head}${get} ${at} var eight = Eight(vec4<f32>(), vec4<f32>());
  ${eight.map(e => `if (left > ${e}u) { eight.${part(e)} = ${name}[at + ${e}u]; }`).join(' ')} return eight; }
${access === 'read' ? '' : `${put} ${at} ${eight.map(e => `if (left > ${e}u) { ${name}[at + ${e}u] = eight.${part(e)}; }`).join(' ')} }\n`}`;
}

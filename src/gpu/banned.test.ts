import { expect, test } from 'vitest';
import { BANNED } from './banned.ts';

test('every ban finds the call it names, says why, and spares other names', () => {
  for (const { name, pattern, reason } of BANNED) {
    const call = name.startsWith('tf.') ? `${name}(x)` : `x.${name}(0)`;
    expect(pattern.test(call), call).toBe(true);
    expect(pattern.test(`x.my${name.replace('tf.', '')}Of(0)`), name).toBe(false);
    expect(reason.length).toBeGreaterThan(10);
  }
  expect(new Set(BANNED.map(ban => ban.name)).size).toBe(BANNED.length);
});

/**
 * Stands in for vitest in the built page of `npm run bench -- kernels --check`, so that the very tests of the kernels run where
 * there is no registry and no test runner: `test` remembers, `expect` is vitest's own.
 */
import { chai, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect';

/** What a test gets, of vitest's context. */
interface Context {
  /** Ends the test: it is not run on this device. */
  skip(why?: string): never;
}

interface KnownTest {
  name: string;
  body: (context: Context) => unknown;
}

/** Thrown by `skip`. */
export class Skipped extends Error {}

export const context: Context = {
  skip(why = 'it said so') {
    throw new Skipped(why);
  },
};

export const known: KnownTest[] = [];

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

export const expect = Object.assign(
  (value: unknown, message?: string) => chai.expect(value, message),
  chai.expect,
);

export function test(name: string, body: KnownTest['body']): void {
  known.push({ name, body });
}

/** Runs at once, before the first test: the tests' set-ups only start a backend. */
export function beforeAll(body: () => unknown): void {
  known.push({ name: '(set-up)', body });
}

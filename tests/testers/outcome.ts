/** A Vitest reporter: which files passed and where errors came from that belong to no test, as JSON in the file that OUTCOME_FILE names. */
import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

export interface Outcome {
  /** Absolute paths of test files. */
  passed: string[];
  /** Files in which an error was thrown that no test caught; null for one that is no file's. */
  errorsIn: (string | null)[];
}

// Vitest takes a reporter by its path and reads its default export.
export default class OutcomeReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const outcome: Outcome = {
      passed: modules.filter(module => module.ok()).map(module => module.moduleId),
      errorsIn: errors.map(error => (error.VITEST_TEST_PATH as string | undefined) ?? null),
    };
    writeFileSync(process.env.OUTCOME_FILE!, JSON.stringify(outcome));
  }
}

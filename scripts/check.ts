/** `npm run check`: types of every realm, lint, format and import boundaries; all are run, then the verdict. */
import { spawnSync } from 'node:child_process';
import { bannedCalls } from './check/banned-calls.ts';
import { boundaryViolations } from './check/boundaries.ts';

const REALMS = ['page', 'worker', 'frame', 'node'];

const failures: string[] = [];
for (const realm of REALMS) run(`types (${realm})`, 'tsc', '-p', `tsconfig.${realm}.json`);
run('lint', 'oxlint', '--deny-warnings', 'src', 'scripts', 'tests');
run('format', 'prettier', '--check', '--log-level', 'warn', '.');
report('import boundaries', boundaryViolations('src'));
report('banned calls', bannedCalls('src'));

if (failures.length > 0) {
  console.error(`\nFailed: ${failures.join(', ')}`);
  process.exit(1);
}
console.log('check: types, lint, format and import boundaries hold');

function run(name: string, command: string, ...args: string[]): void {
  const { status } = spawnSync('npx', ['--no-install', command, ...args], { stdio: 'inherit' });
  if (status !== 0) failures.push(name);
}

function report(name: string, problems: string[]): void {
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) failures.push(name);
}

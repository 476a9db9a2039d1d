/** A tool of the project's, started by name. */
import { spawn } from 'node:child_process';

export interface Running {
  /** Its exit status. */
  ended: Promise<number>;
  /** What it printed, where that was kept back. */
  output(): string;
}

/** @param out  `pipe` keeps back what it prints */
export function start(
  command: string,
  args: string[],
  out: 'inherit' | 'pipe',
  environment: Record<string, string> = {},
): Running {
  const child = spawn('npx', [command, ...args], {
    stdio: ['inherit', out, out],
    env: { ...process.env, ...environment },
  });
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => void printed.push(chunk));
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', status => resolve(status ?? 1));
  });
  return { ended, output: () => Buffer.concat(printed).toString() };
}

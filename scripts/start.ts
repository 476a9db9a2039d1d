/** `npm start`: builds the page, serves the build, prints its address and opens a browser where there is a display. */
import { spawn } from 'node:child_process';
import { build, preview } from 'vite';

await build();
const server = await preview({ preview: { host: 'localhost' } });
const address = server.resolvedUrls?.local[0];
if (!address) throw new Error('The preview server started without an address.');
console.log(`\nBrowser GRPO is at ${address}  (Ctrl-C ends it)`);
openBrowser(address);

/** Best effort: a machine without a display or an opener still has the printed address. */
function openBrowser(url: string): void {
  const linux = process.platform === 'linux';
  if (linux && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return;
  const [command, args]: [string, string[]] = linux
    ? ['xdg-open', [url]]
    : process.platform === 'darwin'
      ? ['open', [url]]
      : ['cmd', ['/c', 'start', '', url]];
  const opener = spawn(command, args, { stdio: 'ignore', detached: true });
  opener.on('error', () => console.log('No browser could be opened from here: open the address yourself.'));
  opener.unref();
}

/**
 * Serves every task as a page of its own under `miniwob/<id>.html`, so that BrowserGym with MINIWOB_URL pointing there runs our
 * tasks unmodified: in the built site as files, by the development server on request.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { assemble } from '../src/tasks/assemble.ts';

const TASKS = fileURLToPath(new URL('../src/tasks/', import.meta.url));
const SEEDRANDOM = new URL('../node_modules/seedrandom/seedrandom.min.js', import.meta.url);

/** Ids of the tasks, from their folders. */
export function pageNames(): string[] {
  return readdirSync(TASKS).filter(name => existsSync(`${TASKS}${name}/task.html`));
}

/**
 * The page of a task. It begins with a byte-order mark, because servers of files say no encoding, and a `<meta charset>` would
 * be an element that counts among the bids.
 *
 * @throws when there is no such folder
 */
export function pageText(name: string): string {
  const core = `${TASKS}core/`;
  const shared = new Map(readdirSync(core).map(file => [file, readFileSync(core + file, 'utf8')]));
  shared.set('seedrandom.js', readFileSync(SEEDRANDOM, 'utf8'));
  return `\ufeff${assemble(readFileSync(`${TASKS}${name}/task.html`, 'utf8'), shared, '')}`;
}

export function miniwobPages(): Plugin {
  return {
    name: 'miniwob-pages',
    generateBundle() {
      for (const name of pageNames())
        this.emitFile({ type: 'asset', fileName: `miniwob/${name}.html`, source: pageText(name) });
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const name = /\/miniwob\/([\w-]+)\.html(?:\?|$)/.exec(request.url ?? '')?.[1];
        if (name === undefined || !pageNames().includes(name)) return next();
        response.setHeader('Content-Type', 'text/html; charset=utf-8');
        response.end(pageText(name));
      });
    },
  };
}

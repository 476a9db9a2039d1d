/** Pages for the tests: MiniWoB's contract around a body and a script of the test's own. */
import { assembleDocument } from '../tasks/document.ts';

/** A page whose task is to look at `body`; `end` is the raw reward of core.endEpisode that `window.end(raw)` calls. */
export function page(body: string, script = ''): string {
  return assembleDocument(
    `<!doctype html><html><head><title>T</title><script>
      var genProblem = function () { document.getElementById('query').textContent = 'Do it.'; ${script} };
      window.end = function (raw) { core.endEpisode(raw, false, 'ended'); };
      window.onload = function () { core.startEpisode(); };
    </script></head><body><div id="wrap"><div id="query"></div><div id="area">${body}</div></div></body></html>`,
    '',
  );
}

/** Appends each event of `types` on `target` to #log, which the accessibility tree shows. */
export function logging(types: string, target = 'document'): string {
  return `'${types}'.split(' ').forEach(function (type) { ${target}.addEventListener(type, function (event) {
    var log = document.getElementById('log');
    log.textContent += type + (event.target.id ? '@' + event.target.id : '') + ' ';
  }, true); });`;
}

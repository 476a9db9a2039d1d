/** What a hostile page tries, in real frames: nothing gets out, the page around it stays as it is and goes on, and a reason is told. */
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { cdp } from 'vitest/browser';
import type { Arrivals } from '../../tests/outside/arrivals.ts';
import { DEFAULT_CONFIG } from '../config.ts';
import { FramePool } from './frame-pool.ts';
import { page } from './pages.fixture.ts';
import { SandboxedFrame } from './sandboxed-frame.ts';

const { address, udpPort } = inject('outside');
const socketAddress = address.replace('http', 'ws');

let container: HTMLElement;
let pool: FramePool;
const pages = new Map<string, string>();

beforeEach(async () => {
  container = document.createElement('div');
  document.body.append(container);
  pages.clear();
  pages.set('good', page('<button>go</button>'));
  pool = new FramePool({
    container,
    frames: 2,
    config: { ...DEFAULT_CONFIG, observation: { ...DEFAULT_CONFIG.observation, use_screenshot: false } },
    hangTimeout: 1000,
    pageOf: task => ({ html: pages.get(task) ?? '' }),
  });
  await arrivals();
});

afterEach(() => {
  pool.dispose();
  container.remove();
});

/** What reached the server since it was asked last. */
async function arrivals(): Promise<Arrivals> {
  return (await (await fetch(`${address}/arrivals`)).json()) as Arrivals;
}

/** ms: long enough for a request that was let through to arrive. Packets of a peer connection take longest. */
const sent = (ms = 300) => new Promise(resolve => setTimeout(resolve, ms));
const PACKETS_MS = 1000;

/** Statements that each try to reach the server in a way of their own. */
const SENDING: Readonly<Record<string, string>> = {
  fetch: `fetch('${address}/fetch', { mode: 'no-cors' }).catch(function () {})`,
  xhr: `var x = new XMLHttpRequest(); x.open('GET', '${address}/xhr'); x.onerror = function () {}; x.send()`,
  websocket: `new WebSocket('${socketAddress}/websocket').onerror = function () {}`,
  eventsource: `new EventSource('${address}/eventsource')`,
  beacon: `navigator.sendBeacon('${address}/beacon', 'x')`,
  image: `new Image().src = '${address}/image'`,
  module: `import('${address}/module.js').catch(function () {})`,
  peer: `var p = new RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:${udpPort}' }] });
    p.createDataChannel('x'); p.createOffer().then(function (o) { return p.setLocalDescription(o); })`,
};

/** The same by markup. */
const MARKUP = `
  <img src="${address}/img"><img src="data:," srcset="${address}/srcset"><script src="${address}/script.js"></script>
  <link rel="stylesheet" href="${address}/sheet.css"><link rel="icon" href="${address}/icon">
  <link rel="prefetch" href="${address}/prefetch"><link rel="preload" as="image" href="${address}/preload">
  <link rel="modulepreload" href="${address}/modulepreload.js"><link rel="manifest" href="${address}/manifest">
  <link rel="preconnect" href="${address}"><link rel="dns-prefetch" href="${address}">
  <script type="speculationrules">{ "prefetch": [{ "source": "list", "urls": ["${address}/speculation"] }] }</script>
  <style>@import url(${address}/import.css); @font-face { font-family: f; src: url(${address}/font.woff) }
    #styled { font-family: f; background: url(${address}/background.png) }</style><p id="styled">x</p>
  <video src="${address}/video" poster="${address}/poster"></video><audio src="${address}/audio" autoplay></audio>
  <object data="${address}/object"></object><embed src="${address}/embed"><input type="image" src="${address}/button">
  <svg><image href="${address}/svg-image" /><use href="${address}/use.svg#x" /></svg><base href="${address}/base/"><img src="based">
  <iframe src="${address}/frame"></iframe><iframe srcdoc="<img src=${address}/inner-image>"></iframe>`;

/** Runs in a frame of the page's own, however it is made. */
const INNER = `new RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:${udpPort}' }] }).createDataChannel('x')`;

/** Tries all of `statements`, each by itself, when the episode starts. */
function trying(statements: readonly string[]): string {
  return statements.map(statement => `try { ${statement} } catch (e) {}`).join('\n');
}

test('the server that nothing may reach notes what a page without a policy sends', async () => {
  const frame = document.createElement('iframe');
  frame.srcdoc = `<body><script>${trying(Object.values(SENDING))}</script></body>`;
  container.append(frame);
  await sent(PACKETS_MS);
  const { requests, packets } = await arrivals();
  const paths = requests.map(request => request.split('/').pop()!.replace('.js', '')).sort();
  expect(paths).toEqual(
    Object.keys(SENDING)
      .filter(name => name !== 'peer')
      .sort(),
  );
  expect(packets).toBeGreaterThan(0);
});

test('network: nothing that a page loads or sends leaves its frame, and the episode goes on', async () => {
  pages.set('sending', page(MARKUP, trying(Object.values(SENDING))));
  await pool.reset(0, 'sending', 1);
  await expect(pool.step(0, 'noop()')).resolves.toMatchObject({ done: false });
  await sent(PACKETS_MS);
  expect(await arrivals()).toEqual({ requests: [], packets: 0 });
});

test('frames within a frame do not come to run', async () => {
  const code = `parent.document.getElementById('log').textContent = 'ran'; parent.postMessage('ran', '*'); ${INNER}`;
  const inner = `<script>${code.replaceAll('"', "'")}<\\/script>`;
  pages.set(
    'nesting',
    page(
      `<p id="log"></p><iframe srcdoc="<script>parent.postMessage('ran', '*')</script>"></iframe>
       <div><template shadowrootmode="closed"><iframe srcdoc="<script>${INNER}</script>"></iframe></template></div>`,
      `addEventListener('message', function (e) { document.getElementById('log').textContent += e.data; });
       length = 0;
       var area = document.getElementById('area');
       var frame = document.createElement('iframe'); frame.srcdoc = ${JSON.stringify(inner)}; area.append(frame);
       var blank = document.createElement('iframe'); blank.src = 'javascript:' + ${JSON.stringify(code)}; area.append(blank);
       area.insertAdjacentHTML('beforeend', '<iframe srcdoc="' + ${JSON.stringify(inner)}.replace(/"/g, '&quot;') + '"></iframe>');
       var host = document.createElement('div'); area.append(host);
       host.attachShadow({ mode: 'closed' }).innerHTML = '<iframe src="javascript:${INNER.replaceAll("'", '&apos;')}"></iframe>';`,
    ),
  );
  await pool.reset(0, 'nesting', 1);
  await sent(PACKETS_MS);
  const { observation } = await pool.step(0, 'noop()');
  expect(observation.axtree).not.toContain('ran');
  expect(observation.axtree).not.toContain('Iframe');
  expect(await arrivals()).toEqual({ requests: [], packets: 0 });
});

test.each([
  ['location', `location = '${address}/location'`],
  ['location.replace', `setTimeout(function () { location.replace('${address}/replace'); }, 1)`],
  [
    'a refresh',
    `document.head.insertAdjacentHTML('beforeend', '<meta http-equiv="refresh" content="0;url=${address}/refresh">')`,
  ],
  [
    'a link',
    `var a = document.createElement('a'); a.href = '${address}/link'; a.ping = '${address}/ping'; a.addEventListener('click', function (e) { e.stopPropagation(); }); document.body.append(a); a.click()`,
  ],
  ['a data: address', `location = 'data:text/html,<img src=${address}/data>'`],
  [
    'a blob: address',
    `location = URL.createObjectURL(new Blob(['<img src=${address}/blob>'], { type: 'text/html' }))`,
  ],
  ['itself', `location.reload()`],
])('navigation by %s asks for nothing, and ends the episode with a reason', async (_, script) => {
  pages.set(
    'leaving',
    page('<button onclick="leave()">go</button>', `window.leave = function () { ${script} };`),
  );
  await pool.reset(1, 'good', 1);
  const { observation } = await pool.reset(0, 'leaving', 1);
  const [, bid] = /\[(\d+)\] button/.exec(observation.axtree)!;
  const gone = async () => {
    await pool.step(0, `click('${bid}')`);
    for (;;) {
      await new Promise(resolve => setTimeout(resolve, 20));
      await pool.step(0, 'noop()');
    }
  };
  await expect(gone()).rejects.toMatchObject({
    code: 'frame-lost',
    message: expect.stringContaining('navigated away'),
  });
  expect(Object.fromEntries(pool.failures)).toEqual({ 'frame-lost': 1 });
  await expect(pool.step(1, 'noop()')).resolves.toMatchObject({ done: false });
  expect((await arrivals()).requests).toEqual([]);
});

/** The words that `script` pushed to `got`, as the episode's tree shows them, once all are there. */
async function told(script: string): Promise<string> {
  const names = [...script.matchAll(/got\.push\('(\w+)=/g)].map(([, name]) => name!);
  pages.set(
    'asking',
    page(
      '<p id="log"></p>',
      `var got = []; function tell() { document.getElementById('log').textContent = got.join(' '); } ${script}; tell();`,
    ),
  );
  let { observation } = await pool.reset(0, 'asking', 1);
  const missing = () => names.filter(name => !new RegExp(`${name}[:=]`).test(observation.axtree));
  // Promises of the browser settle in its own time.
  for (const until = performance.now() + 10_000; missing().length > 0 && performance.now() < until;) {
    await sent(30);
    ({ observation } = await pool.step(0, 'noop()'));
  }
  expect(missing()).toEqual([]);
  return observation.axtree;
}

/** Pushes what an expression gives, or the name of what it throws or is rejected with. */
const push = (name: string, expression: string) =>
  `try { Promise.resolve(${expression}).then(function (v) { got.push('${name}=' + v); tell(); }, function (e) { got.push('${name}:' + e.name); tell(); }); } catch (e) { got.push('${name}:' + e.name); }`;

/** Collects events of the tab from now on, by the names of the DevTools protocol. */
async function browserEvents(...names: string[]): Promise<unknown[]> {
  const seen: unknown[] = [];
  const session = cdp() as unknown as {
    send(method: string): Promise<unknown>;
    on(event: string, listener: (value: unknown) => void): void;
  };
  await session.send('Page.enable');
  for (const name of names) session.on(name, value => seen.push([name, value]));
  return seen;
}

test('the tab’s own events tell of downloads and dialogs', async () => {
  const seen = await browserEvents('Page.downloadWillBegin', 'Page.javascriptDialogOpening');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(['x']));
  link.download = 'x.txt';
  link.click();
  const frame = document.createElement('iframe');
  frame.srcdoc = `<script>confirm('?')</script>`;
  container.append(frame);
  await expect.poll(() => seen.map(event => (event as unknown[])[0])).toHaveLength(2);
});

test('storage: there is none, of the host or of its own', async () => {
  localStorage.setItem('secret', 'x');
  const tree = await told(
    [
      push('origin', 'self.origin'),
      push('local', 'localStorage.secret'),
      push('session', 'sessionStorage.length'),
      push('indexed', `indexedDB.open('browser-grpo')`),
      push('cookie', 'document.cookie'),
      push('caches', `caches.keys()`),
      push('files', 'navigator.storage.getDirectory()'),
    ].join('\n'),
  );
  localStorage.removeItem('secret');
  expect(tree).toContain('origin=null');
  for (const name of ['local', 'session', 'indexed', 'cookie', 'caches', 'files'])
    expect(tree, name).toContain(`${name}:SecurityError`);
});

test('parent, top, opener and neighbours: neither read nor moved', async () => {
  await pool.reset(1, 'good', 1);
  const here = location.href;
  const tree = await told(
    [
      push('parent', 'parent.document'),
      push('top', 'top.document'),
      push('topmove', `(top.location = '${address}/top', 'moved')`),
      push('parentmove', `(parent.location.href = '${address}/parent', 'moved')`),
      `for (var i = 0; i < parent.length; i++) if (parent[i] !== self) { ${push('neighbour', `(parent[i].location = '${address}/neighbour', 'moved')`)} }`,
      push('opener', 'opener'),
      'try { parent.close(); parent.stop(); } catch (e) {}',
    ].join('\n'),
  );
  for (const name of ['parent', 'top', 'topmove', 'parentmove', 'neighbour'])
    expect(tree, name).toContain(`${name}:SecurityError`);
  expect(tree).not.toContain('moved');
  expect(tree).toContain('opener=null');
  await sent();
  expect(location.href).toBe(here);
  expect((await arrivals()).requests).toEqual([]);
  await expect(pool.step(1, 'noop()')).resolves.toMatchObject({ done: false });
});

test('popups and downloads: none open, none begin', async () => {
  const began = await browserEvents('Page.downloadWillBegin', 'Page.windowOpen');
  const download = (href: string) =>
    `var a = document.createElement('a'); a.href = ${href}; a.download = 'x.txt'; a.addEventListener('click', function (e) { e.stopPropagation(); }); document.body.append(a); a.click();`;
  const tree = await told(
    `${push('open', `window.open('${address}/open')`)}
     ${push('blank', `window.open('about:blank')`)}
     var b = document.createElement('a'); b.href = '${address}/blank'; b.target = '_blank'; b.addEventListener('click', function (e) { e.stopPropagation(); }); document.body.append(b); b.click();
     ${download(`URL.createObjectURL(new Blob(['x']))`)} ${download(`'data:text/plain,x'`)}`,
  );
  expect(tree).toContain('open=null');
  expect(tree).toContain('blank=null');
  await sent();
  expect(began).toEqual([]);
  expect((await arrivals()).requests).toEqual([]);
});

test('dialogs: a storm of them shows none, and the episode goes on', async () => {
  const opened = await browserEvents('Page.javascriptDialogOpening');
  const tree = await told(
    `var shown = 0; for (var i = 0; i < 300; i++) if (alert(i) || confirm(i) || prompt(i) !== null) shown++;
     window.onbeforeunload = function () { return 'stay'; }; try { print(); } catch (e) {} got.push('shown=' + shown);`,
  );
  expect(tree).toContain('shown=0');
  expect(opened).toEqual([]);
});

test('pointer lock, full screen, clipboard, notifications: refused', async () => {
  const tree = await told(
    [
      push('lock', 'document.body.requestPointerLock()'),
      push('full', 'document.documentElement.requestFullscreen()'),
      push('clipboard', `navigator.clipboard.readText()`),
      push('notify', 'Notification.requestPermission()'),
      push('camera', `navigator.mediaDevices.getUserMedia({ video: true })`),
      push(
        'place',
        `new Promise(function (y, n) { navigator.geolocation.getCurrentPosition(y, function (e) { n({ name: 'code' + e.code }); }); })`,
      ),
    ].join('\n'),
  );
  expect(tree).toContain('lock:');
  expect(tree).toContain('full:TypeError');
  expect(tree).toContain('clipboard:NotAllowedError');
  expect(tree).toContain('notify=denied');
  expect(tree).toMatch(/camera:(NotAllowed|NotFound|Type)Error/);
  expect(tree).toContain('place:code1');
  expect(document.fullscreenElement).toBeNull();
  expect(document.pointerLockElement).toBeNull();
});

test('history: the host stays where it is, whatever a page pushes or goes back to', async () => {
  const here = location.href;
  const tree = await told(
    `for (var i = 0; i < 60; i++) history.pushState(i, ''); got.push('pushed=' + i);
     setTimeout(function () { history.back(); history.go(-50); }, 10)`,
  );
  expect(tree).toContain('pushed=60');
  await sent();
  expect(location.href).toBe(here);
});

test('forged messages: a flood of them is nobody’s, and the host answers meanwhile', async () => {
  const forged = { id: 1, type: 'state', state: { rawReward: 1, done: true } };
  pages.set(
    'forging',
    page(
      '<p>x</p>',
      `for (var id = 0; id < 3000; id++) { parent.postMessage(Object.assign(${JSON.stringify(forged)}, { id: id % 20 }), '*'); top.postMessage({ type: 'browser-grpo:hello' }, '*'); }
       var c = new MessageChannel(); parent.postMessage({ type: 'browser-grpo:hello' }, '*', [c.port1]); c.port2.postMessage({ id: 0, type: 'left' });`,
    ),
  );
  const [result, ticks] = await Promise.all([pool.reset(0, 'forging', 1), ticksIn(400)]);
  expect(result).toMatchObject({ reward: 0, rawReward: 0, done: false });
  expect(ticks).toBeGreaterThan(5);
  await expect(pool.step(0, 'noop()')).resolves.toMatchObject({ rawReward: 0, done: false });
});

test('a memory bomb is stopped with a reason; the host answers meanwhile, and its neighbours go on', async () => {
  pages.set(
    'bomb',
    page('<button onclick="var all = []; for (;;) all.push(new Array(1e5).fill({}));">go</button>'),
  );
  await pool.reset(1, 'good', 1);
  const { observation } = await pool.reset(0, 'bomb', 1);
  const [, bid] = /\[(\d+)\] button/.exec(observation.axtree)!;
  const [outcome, ticks] = await Promise.all([
    pool.step(0, `click('${bid}')`).catch((error: unknown) => error),
    ticksIn(1000),
  ]);
  expect(outcome).toMatchObject({ name: 'EnvironmentError', code: 'frame-hung' });
  expect(ticks, 'turns of the host in a second').toBeGreaterThan(10);
  await expect(pool.step(1, 'noop()')).resolves.toMatchObject({ done: false });
  await expect(pool.reset(0, 'good', 1)).resolves.toMatchObject({ done: false });
});

/** How often the host's own timer fires in `ms`. */
async function ticksIn(ms: number): Promise<number> {
  const until = performance.now() + ms;
  let ticks = 0;
  for (; performance.now() < until; ticks++) await new Promise(resolve => setTimeout(resolve, 10));
  return ticks;
}

test('a sandboxed frame may run scripts and nothing else', () => {
  const frame = new SandboxedFrame(container);
  expect([...frame.element.sandbox]).toEqual(['allow-scripts']);
  frame.dispose();
});

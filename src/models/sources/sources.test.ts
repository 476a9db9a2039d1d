import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Fault, RepositorySpec } from '../../../tests/hub/orders.ts';
import { randomBytes } from '../../../tests/hub/random-bytes.ts';
import { HUB, requestsFor, startProbe, steer } from './hub.testing.ts';

const SIZE = 3_000_000;
const WEIGHTS = 'model.safetensors';
const { probe, end } = startProbe();
afterAll(end);

let repo = '';
let count = 0;
const model = (): string => `hub:${HUB}/${repo}`;

async function addRepository(spec: Partial<RepositorySpec> = {}): Promise<void> {
  const files = {
    'config.json': { text: '{"a":1}' },
    [WEIGHTS]: { random: SIZE },
    'README.md': { text: 'hello' },
  };
  await steer({ add: { name: repo, files, ...spec } });
}
const addFault = (fault: Fault): Promise<unknown> => steer({ fault: { ...fault, repo } });

beforeEach(async () => {
  repo = `someone/model-${++count}`;
  await addRepository();
});
afterEach(() => probe.clear());

const read = (options: Partial<Parameters<typeof probe.read>[0]> = {}) =>
  probe.read({ model: model(), paths: ['config.json', WEIGHTS], ...options });
const expected = randomBytes(0, SIZE);
const isWhole = (bytes: Uint8Array | null | undefined): boolean =>
  bytes?.length === SIZE && bytes.every((byte, i) => byte === expected[i]);
const atAddress = async () => (await requestsFor(`${repo}/${WEIGHTS}`)).filter(entry => entry.host === 'cdn');

describe('a Hub repository', () => {
  test('is pinned to its commit, arrives whole through the redirect, and is kept', async () => {
    const first = await read();
    expect(first.error).toBeNull();
    expect(first.model).toMatch(new RegExp(`^hub:${HUB}/${repo}@[0-9a-f]{40}$`));
    expect(new TextDecoder().decode(first.files['config.json']!)).toBe('{"a":1}');
    expect(isWhole(first.files[WEIGHTS])).toBe(true);
    const [stored] = await probe.list();
    expect(stored).toMatchObject({ model: first.model, complete: true, present: SIZE + 7, bytes: SIZE + 7 });

    const asked = (await requestsFor(repo)).length;
    const again = await read({ model: first.model });
    expect(isWhole(again.files[WEIGHTS])).toBe(true);
    expect((await requestsFor(repo)).length, 'a kept commit asks the network for nothing').toBe(asked);
  });

  test('downloads nothing that loading does not read', async () => {
    await read();
    expect((await requestsFor('README.md')).length).toBe(0);
    expect((await read({ paths: ['absent.json'] })).files['absent.json']).toBeNull();
    expect((await requestsFor('absent.json')).length).toBe(0);
  });

  test('tells bytes, rate and total as it comes', async () => {
    await addFault({ at: 'cdn', rate: 2e6 });
    const { progress } = await read({ paths: [WEIGHTS] });
    expect(progress.length).toBeGreaterThan(3);
    const middle = progress.at(-2)!;
    expect(middle.total).toBe(SIZE + 7);
    expect(middle.loaded).toBeLessThan(SIZE);
    // Of what came in the last five seconds. A busy machine makes the server slower than it was told to be.
    const since = progress.find(({ at }) => middle.at - at < 4900)!;
    const rate = (1000 * (middle.loaded - since.loaded)) / (middle.at - since.at);
    expect(rate).toBeGreaterThan(0);
    expect(middle.rate / rate).toBeGreaterThan(0.9);
    expect(middle.rate / rate).toBeLessThan(1.1);
  });

  test.each([
    ['kept', false],
    ['not kept', true],
  ])('%s: goes on after a dropped connection where it ended', async (_, passing) => {
    await addFault({ at: 'cdn', dropAfter: 1_000_000 });
    await addFault({ at: 'cdn', dropAfter: 500_000 });
    const answer = await read({ passing });
    expect(answer.error).toBeNull();
    expect(isWhole(answer.files[WEIGHTS])).toBe(true);
    const requests = await atAddress();
    expect(requests.length).toBe(3);
    const begins = requests.map(({ range }) => Number(/\d+/.exec(range)![0]));
    expect(begins[0]).toBe(0);
    expect(begins[1]).toBeGreaterThan(0);
    expect(begins[1]).toBeLessThanOrEqual(1_000_000);
    expect(begins[2]).toBeGreaterThan(begins[1]);
    const sent = requests.reduce((sum, request) => sum + request.sent, 0);
    expect(sent, 'no byte is asked for twice but those lost with the connection').toBe(
      1_000_000 + 500_000 + SIZE - begins[2],
    );
  });

  test('asks for a fresh signed address when one has run out', async () => {
    await addFault({ at: 'cdn', dropAfter: 1_000_000 });
    await addFault({ at: 'cdn', expired: true });
    const answer = await read();
    expect(isWhole(answer.files[WEIGHTS])).toBe(true);
    const requests = await atAddress();
    expect(requests.map(({ status }) => status)).toEqual([206, 403, 206]);
    expect(new Set(requests.map(({ path }) => path)).size, 'each request has an address of its own').toBe(3);
  });

  test('gives a silent connection up and goes on', async () => {
    await addFault({ at: 'cdn', stallAfter: 1_000_000 });
    const answer = await read({ patience: 300 });
    expect(isWhole(answer.files[WEIGHTS])).toBe(true);
    const begins = (await atAddress()).map(({ range }) => Number(/\d+/.exec(range)![0]));
    // One silence was asked for; a machine so busy that it is silent as long by itself may add to it.
    expect(begins.length).toBeGreaterThan(1);
    expect(begins[0]).toBe(0);
    expect(begins[1], 'what had come is not asked for again').toBeGreaterThan(0);
    expect(begins, 'nor is anything later').toEqual(begins.toSorted((a, b) => a - b));
  });

  test('takes a whole file from a server that knows no ranges', async () => {
    await addFault({ at: 'cdn', dropAfter: 1_000_000 });
    await addFault({ at: 'cdn', ignoreRange: true });
    expect(isWhole((await read()).files[WEIGHTS])).toBe(true);
  });

  test('waits as long as the server asks, then goes on', async () => {
    await addFault({ at: 'api', status: 429, headers: { 'Retry-After': '1' } });
    await addFault({ at: 'hub', path: WEIGHTS, status: 429, headers: { 'Retry-After': '0' } });
    const began = performance.now();
    expect(isWhole((await read()).files[WEIGHTS])).toBe(true);
    expect(performance.now() - began).toBeGreaterThan(1000);
  });

  test('passes over a server error', async () => {
    await addFault({ at: 'api', status: 502 });
    await addFault({ at: 'cdn', status: 503 });
    expect(isWhole((await read()).files[WEIGHTS])).toBe(true);
  });

  test('stopped in the middle, goes on from there later', async () => {
    await addFault({ at: 'cdn', rate: 2e6 });
    const stopped = await read({ stopAt: 1_000_000 });
    expect(stopped.error?.code).toBe('download-cancelled');
    const [partial] = await probe.list();
    expect(partial.complete).toBe(false);
    expect(partial.present).toBeGreaterThan(500_000);
    expect(partial.present).toBeLessThan(SIZE);

    expect(isWhole((await read()).files[WEIGHTS])).toBe(true);
    const requests = await atAddress();
    expect(requests.length).toBe(2);
    expect(Number(/\d+/.exec(requests[1].range)![0])).toBeGreaterThan(500_000);
  });

  test('cannot be deleted by another tab while it comes in: that is said by name, and nothing of it is gone', async () => {
    // The small file is here and closed by then, the large one is on its way.
    await addFault({ at: 'cdn', path: WEIGHTS, rate: 1_000_000 });
    const other = startProbe();
    const coming = read();
    await expect.poll(async () => (await other.probe.list())[0]?.present ?? 0).toBeGreaterThan(100_000);
    const [{ id, label, present }] = await other.probe.list();
    const refused = await other.probe.delete(id);
    expect(refused).toMatchObject({ code: 'weights-in-use' });
    expect(refused!.message).toContain(`${label} is being downloaded or loaded now`);
    expect(refused!.message).toContain('another one of this browser');
    expect((await other.probe.list())[0].present).toBeGreaterThanOrEqual(present);

    const { files, error } = await coming;
    expect(error).toBeNull();
    expect(isWhole(files[WEIGHTS])).toBe(true);
    expect((await other.probe.list())[0].complete).toBe(true);
    expect(await other.probe.delete(id)).toBeNull();
    expect(await other.probe.list()).toEqual([]);
    other.end();
  });

  test('shares bytes with another that has the same file, and keeps them when one is deleted', async () => {
    const first = await read();
    const other = `someone/copy-${count}`;
    await steer({
      add: { name: other, files: { 'config.json': { text: '{}' }, [WEIGHTS]: { random: SIZE } } },
    });
    const second = await read({ model: `hub:${HUB}/${other}` });
    expect(isWhole(second.files[WEIGHTS])).toBe(true);
    expect((await requestsFor(`${other}/resolve`)).filter(({ path }) => path.includes(WEIGHTS))).toEqual([]);
    expect(first.model).not.toBe(second.model);
    const both = await probe.list();
    expect(both.every(stored => stored.complete)).toBe(true);
    expect(await probe.delete(both[0].id)).toBeNull();
    expect(await probe.list()).toMatchObject([{ model: second.model, complete: true }]);
  });

  test('is read in pieces without being kept, in one connection', async () => {
    const answer = await read({ passing: true, piece: 100_000 });
    expect(isWhole(answer.files[WEIGHTS])).toBe(true);
    expect((await atAddress()).length).toBe(1);
    expect(await probe.list()).toEqual([]);
  });
});

describe('what cannot be had says why', () => {
  const refused: [string, Fault | Partial<RepositorySpec>, string, RegExp][] = [
    [
      'a corrupted byte',
      { at: 'cdn', corruptAt: 2_000_000 },
      'hash-mismatch',
      /arrived damaged.*thrown away/,
    ],
    [
      'a longer file than listed',
      { at: 'cdn', longer: 100 },
      'size-mismatch',
      /3000100 bytes.*3000000 were announced/,
    ],
    ['a shorter file than listed', { at: 'cdn', longer: -100 }, 'size-mismatch', /2999900 bytes/],
    [
      '404 for a listed file',
      { at: 'hub', path: WEIGHTS, status: 404, code: 'EntryNotFound' },
      'file-missing',
      /look the model up again/,
    ],
    ['403 at the Hub', { at: 'hub', path: WEIGHTS, status: 403 }, 'access-denied', /refuses.*403.*token/],
    [
      '403 at every signed address',
      { at: 'cdn', expired: true, times: 99 },
      'access-denied',
      /freshly signed/,
    ],
    [
      '429 without end',
      { at: 'hub', path: WEIGHTS, status: 429, headers: { 'Retry-After': '0' }, times: 99 },
      'rate-limited',
      /too many requests/,
    ],
    [
      'a server that is down',
      { at: 'cdn', status: 500, times: 99 },
      'server-unreachable',
      /answered 500.*kept/,
    ],
    ['a private repository', { token: 'hf_secret' }, 'repo-missing', /private.*token/],
    ['a gated repository', { gate: 'hf_secret' }, 'repo-gated', /gated.*Ask for access/],
  ];
  test.each(refused)('%s', async (_, trouble, code, message) => {
    if ('at' in trouble) await addFault(trouble as Fault);
    else await addRepository(trouble as Partial<RepositorySpec>);
    const { error } = await read();
    expect(error?.code).toBe(code);
    expect(error?.message).toMatch(message);
  });

  test('416: a partial download of a file that was replaced by a shorter one', async () => {
    await addFault({ at: 'cdn', dropAfter: 1_000_000 });
    await addFault({ at: 'cdn', longer: -2_500_000 });
    const { error } = await read();
    expect(error?.code).toBe('size-mismatch');
    expect(error?.message).toMatch(/416.*shorter/);
  });

  test('a damaged download is not kept, and the next one is whole', async () => {
    await addFault({ at: 'cdn', corruptAt: 10 });
    expect((await read()).error?.code).toBe('hash-mismatch');
    expect((await probe.list())[0].present).toBe(7);
    expect(isWhole((await read()).files[WEIGHTS])).toBe(true);
  });

  test('a checksum that the listing has wrong is found without a cache too', async () => {
    await addRepository({ listed: { [WEIGHTS]: { sha256: '0'.repeat(64) } } });
    expect((await read({ passing: true })).error?.code).toBe('hash-mismatch');
  });

  test('no such repository, revision or GGUF file', async () => {
    const codes = [];
    for (const name of [`hub:${HUB}/no/where`, `${model()}@v9`, `${model()}/x.gguf`])
      codes.push((await read({ model: name })).error?.code);
    expect(codes).toEqual(['repo-missing', 'revision-missing', 'file-missing']);
  });

  test('a host that cannot be reached, and one that is no Hub', async () => {
    expect((await read({ model: 'hub:http://127.0.0.1:9/a/b' })).error?.code).toBe('server-unreachable');
    await addFault({ at: 'api', status: 418 });
    expect((await read()).error?.code).toBe('answer-invalid');
  });

  test('a token opens what is private and what is gated', async () => {
    for (const spec of [{ token: 'hf_secret' }, { gate: 'hf_secret' }]) {
      await addRepository(spec);
      expect(isWhole((await read({ token: 'hf_secret' })).files[WEIGHTS])).toBe(true);
      await probe.clear();
    }
  });
});

describe('a folder below an address', () => {
  const SHARD = 'model-00001-of-00001.safetensors';
  test('gives what is there, keeps what is large, and knows it again', async () => {
    const size = 17 << 20;
    await addRepository({ files: { 'config.json': { text: '{}' }, [SHARD]: { random: size } } });
    const address = `${HUB}/${repo}/resolve/main/`;
    const request = { model: address, paths: ['config.json', 'absent.json', SHARD] };
    const first = await read(request);
    expect(first.error).toBeNull();
    expect(first.files['absent.json']).toBeNull();
    expect(first.files[SHARD]?.length).toBe(size);
    const sent = async () =>
      (await requestsFor(`${repo}/${SHARD}`)).reduce((sum, entry) => sum + entry.sent, 0);
    const before = await sent();
    // So slow that what is on its way when the connection is closed is little.
    await addFault({ at: 'cdn', path: SHARD, rate: 2_000_000 });
    await read(request);
    expect(
      (await sent()) - before,
      'the second time the server is only asked whether it changed',
    ).toBeLessThan(size / 2);
    expect(await probe.list()).toMatchObject([{ model: address, complete: true }]);
  });
});

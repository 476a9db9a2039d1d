/** What people write for an environment, and what becomes of it. */
import { expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../config.ts';
import { parseEnvironment, socketAddress, writeEnvironment } from './environment-name.ts';
import { contradictions, readConfig } from './validate.ts';

test.each([
  ['http://localhost:8000', 'ws://localhost:8000/ws'],
  ['http://localhost:8000/', 'ws://localhost:8000/ws'],
  ['wss://host.example/env/ws', 'wss://host.example/env/ws'],
  ['https://someone-browsergym.hf.space/web', 'wss://someone-browsergym.hf.space/web/ws'],
  ['https://huggingface.co/spaces/Some.One/Browser_Gym', 'wss://some-one-browser-gym.hf.space/ws'],
])('the server at %s is spoken to at %s', (typed, address) => {
  expect(socketAddress(typed)).toBe(address);
});

test.each(['built-in', 'pages:0123456789abcdef', 'openenv:ws://a/ws,wss://b:1/ws'])(
  '%s is read and written back',
  text => expect(writeEnvironment(parseEnvironment(text))).toBe(text),
);

test.each(['', 'pages:../x', 'openenv:', 'openenv:localhost:8000', 'openenv:ws://u:p@host', 'miniwob'])(
  '“%s” is refused with what there is',
  text => {
    const { config, problems } = readConfig({ environment: text });
    expect(config.environment).toBe(DEFAULT_CONFIG.environment);
    expect(problems[0]!.message).toMatch(/must be built-in, pages:<id>/);
  },
);

test('scripted solutions play in frames only', () => {
  const settings = { environment: 'openenv:http://localhost:8000', method: 'sft' };
  expect(contradictions(readConfig(settings).config)).toMatchObject([{ field: 'method' }]);
});

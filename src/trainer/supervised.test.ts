/** Runs of method sft: what they learn from, and that they resume exactly. */
import { expect, test } from 'vitest';
import { run, TINY } from './harness.testing.ts';
import { ScriptedEnvironment } from './scripted-environment.testing.ts';

test('supervised learning lowers its loss on what the oracle does, and resumes exactly', async () => {
  const config = {
    method: 'sft' as const,
    use_peft: false,
    learning_rate: 3e-3,
    sft_demonstrations: 8,
    sft_batch_size: 8,
    max_steps: 12,
  };
  const whole = await run(config, new ScriptedEnvironment({ turns: 1, reward: () => 1 }));
  const losses = whole.metrics.map(metrics => metrics.loss);
  expect(losses[11]).toBeLessThan(0.6 * losses[0]);
  const runId = crypto.randomUUID();
  await run(config, new ScriptedEnvironment({ turns: 1, reward: () => 1 }), {
    runId,
    onEvent: (event, trainer) => void (event.kind === 'metrics' && event.step === 5 && trainer.stop()),
  });
  const rest = await run(config, new ScriptedEnvironment({ turns: 1, reward: () => 1 }), {
    runId,
    resumeAt: 5,
  });
  expect(rest.metrics).toEqual(whole.metrics.slice(5));
});

test('a warm start looks at what it kept back, follows it, and resumes beyond that exactly', async () => {
  const config = {
    method: 'sft' as const,
    use_peft: false,
    learning_rate: 3e-3,
    sft_demonstrations: 33,
    sft_batch_size: 3,
    sft_target: 0.9,
    // Forty steps: without pixels they cost a third.
    observation: { ...TINY.observation, use_screenshot: false },
    tasks: ['click-test'],
    max_steps: 42,
    save_steps: 40,
  };
  const environment = () => new ScriptedEnvironment({ turns: 1, reward: () => 1 });
  const runId = crypto.randomUUID();
  const whole = await run(config, environment(), { runId });
  const looks = whole.metrics.flatMap((metrics, i) =>
    'sft/probability/click-test' in metrics ? [[i + 1, metrics['sft/probability/click-test']]] : [],
  );
  expect(looks.map(([step]) => step)).toEqual([40]);
  // Seven buttons: an untrained policy of a thousand tokens says none of them.
  expect(looks[0][1]).toBeGreaterThan(1e-3);
  expect(looks[0][1]).toBeLessThanOrEqual(1);
  const rest = await run(config, environment(), { runId, resumeAt: 40 });
  expect(rest.metrics).toEqual(whole.metrics.slice(40));
});

test('a warm start learns what a person recorded, leaves out what no longer solves its task, and says so', async () => {
  // Solves its task by one text alone, which no oracle here says.
  const environment = () =>
    new ScriptedEnvironment({ turns: 1, reward: text => Number(text === "click('3')") });
  const config = {
    method: 'sft' as const,
    use_peft: false,
    learning_rate: 5e-3,
    sft_demonstrations: 0,
    sft_batch_size: 4,
    max_steps: 10,
  };
  const demonstrations = [1, 2, 3, 4].map(seed => ({
    task: 'click-test',
    seed,
    actions: [seed < 4 ? "click('3')" : "click('4')"],
  }));
  const whole = await run(config, environment(), { demonstrations });
  const losses = whole.metrics.map(metrics => metrics.loss);
  expect(losses[9]).toBeLessThan(0.5 * losses[0]);
  const warning = whole.events.find(event => event.kind === 'warning');
  expect(warning?.kind === 'warning' && warning.error.message).toMatch(
    /^1 of 4 recorded demonstrations do not solve their task.*click-test with seed 4/,
  );
  await expect(run(config, environment())).rejects.toMatchObject({ message: /sft_demonstrations is 0/ });
});

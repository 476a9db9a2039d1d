/**
 * `npm run pretrain`: makes a policy from nothing but our own code. By itself it plays a whole recipe, the embedded policy's:
 * demonstrations of the oracles, a tokenizer, warm starts, scores and a card. With an option of a single part it does that part.
 */
import { existsSync } from 'node:fs';
import { build } from 'vite';
import { browserChoice } from './browser-choice.ts';
import { UsageError } from './options.ts';
import { readCommand, USAGE, type Command } from './pretrain/command.ts';
import { chooseMachine } from './pretrain/machine.ts';
import { playOnePart } from './pretrain/one-part.ts';
import { planOf } from './pretrain/plan.ts';
import { playRecipe } from './pretrain/play.ts';

/** Above this size a recipe is hard to wait for without a GPU. */
const WITHOUT_GPU = 0.02;

try {
  const command = readCommand(process.argv.slice(2));
  if (command.kind === 'help') console.log(USAGE);
  else if (command.kind === 'part') await playOnePart(command.options);
  else await wholeRecipe(command);
} catch (error) {
  if (error instanceof UsageError) console.error(`${error.message}\n\n${USAGE}`);
  else console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function wholeRecipe(command: Extract<Command, { kind: 'recipe' }>): Promise<void> {
  const { recipe, size, out, options } = command;
  // Finished parts are kept, so nothing needs to be brought to an end; the browsers end with the process.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  // Once, and not for every browser.
  if (!options.has('reuse-build') || !existsSync('dist/index.html')) await build({ logLevel: 'warn' });
  const machine = await chooseMachine({ ...command, browser: browserChoice(options) });
  console.log(`On ${machine.device}; up to ${machine.browsers} browsers collect at once. Kept below ${out}.`);
  if (machine.backend === 'wasm' && size.scale > WITHOUT_GPU)
    console.warn('Without a GPU this takes days. --scale 0.01 tries the recipe.');
  const policy = await playRecipe({
    recipe,
    plan: planOf(recipe, size),
    out,
    machine,
    command: command.text,
    ...size,
    say: line => console.log(line),
  }).catch((error: unknown) => {
    console.error(`What is finished is kept below ${out}: the same command goes on from there.`);
    throw error;
  });
  console.log(`wrote ${policy} with its card; npm run train -- --model ${policy} goes on from it`);
}

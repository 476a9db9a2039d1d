/** Writes docs/configuration.md from the table of settings: `npx tsx scripts/configuration-docs.ts`. */
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { DEFAULT_CONFIG } from '../src/config.ts';
import { derived } from '../src/config/derived.ts';
import { REFUSED } from '../src/config/foreign.ts';
import { describeField, FIELD_PATHS, type FieldDescription, type FieldGroup } from '../src/config/fields.ts';

export const DOCUMENT = 'docs/configuration.md';

const TITLES: Record<FieldGroup, string> = {
  run: 'Run',
  task: 'Tasks and what the policy sees',
  sampling: 'Batches and sampling',
  objective: 'Objective',
  reward: 'Rewards and advantages',
  optimizer: 'Optimizer',
  'trained weights': 'What is trained',
  evaluation: 'Evaluation',
  'warm start': 'Supervised warm start (method `sft`)',
};

/** The document's text. */
export async function configurationDocument(): Promise<string> {
  const fields = FIELD_PATHS.map(describeField);
  const numbers = derived(DEFAULT_CONFIG);
  const sections = Object.entries(TITLES).map(
    ([group, title]) => `## ${title}\n\n${table(fields.filter(field => field.group === group))}\n`,
  );
  const text = `# Configuration

Every setting of a run, under TRL's, PEFT's and BrowserGym's names where they have one. The same names work in the page,
in \`npm run train -- --config FILE\` (YAML or JSON) and in a link's hash, which holds what differs from the defaults; the
page opens and saves the same files (Settings, at the bottom). A value out of range, an unknown name, or settings that contradict one another are refused
with a sentence for each.

A file may also be TRL's (\`GRPOConfig\` and \`ModelConfig\` fields, with PEFT's \`LoraConfig\` under \`peft_config\`), PEFT's
\`adapter_config.json\`, or the LFM2 cookbook's browser-control example. What a file in our names leaves out keeps our
default; what a TRL file leaves out, TRL's (learning_rate 1e-6, gradient_accumulation_steps 1, max_completion_length 512,
no LoRA). Fields about files, precision, machines and logging are ignored and named; one that asks for arithmetic that
there is not here is refused ([below](#refused-in-files-of-trl-and-peft)).

With the defaults, a generation batch is ${numbers.generation_batch_size} episodes
(\`per_device_train_batch_size\` × \`steps_per_generation\`): ${numbers.prompts_per_generation} groups of
${DEFAULT_CONFIG.num_generations}. The members of a group begin from the same task and seed, so they differ only by
sampling.

↻ marks settings that a run can be resumed with; changing any other makes a new run.

${sections.join('\n')}
## Refused in files of TRL and PEFT

Any value but these is an error that names the field, because the run would learn something else than the file asks for.

${refusals()}

_Made by \`npx tsx scripts/configuration-docs.ts\` from src/config/fields.ts; a test compares the two._
`;
  return format(text, { ...(await resolveConfig(DOCUMENT)), parser: 'markdown' });
}

/** One row for each reason and its values. */
function refusals(): string {
  const rows = new Map<string, string[]>();
  for (const [name, { allowed, why }] of Object.entries(REFUSED)) {
    const values = allowed.map(value => `\`${JSON.stringify(value)}\``).join(', ');
    const row = `${values} | ${why}`;
    rows.set(row, [...(rows.get(row) ?? []), `\`${name}\``]);
  }
  const lines = [...rows].map(([row, names]) => `| ${names.join(', ')} | ${row} |`);
  return ['| field | may be | why |', '| --- | --- | --- |', ...lines].join('\n');
}

function table(fields: readonly FieldDescription[]): string {
  const rows = fields.map(({ path, sentence, allowed, needsNewRun, default: value }) => {
    const name = `\`${path}\`${needsNewRun ? '' : ' ↻'}`;
    return `| ${name} | \`${JSON.stringify(value)}\` | ${allowed} | ${sentence} |`;
  });
  return ['| setting | default | must be | what it does |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await writeFile(DOCUMENT, await configurationDocument());
}

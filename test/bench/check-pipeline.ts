import { connectors } from '../../connectors/index.ts';
import { loadPipeline, type Registry } from '../../src/config/index.ts';
import { steps } from '../../src/steps/index.ts';
import { percentile } from './statistics.ts';

/**
 * How long checking a pipeline of 500 steps takes, steps of every kind as the reference shows them: in ms of the processor's time. Compile first (`tsc`), then run it from the project's root.
 */

const STEPS = 500;
/** Divided among streams, as one would. */
const STEPS_OF_A_STREAM = 20;
const ROUNDS = 15;

const registry: Registry = { steps, ...connectors };
const TOPICS = ['in', 'out', 'access.errors', 'access.rest', 'customers', 'payments', 'shipments', 'deliveries', 'orders'];

/** The examples of all steps that may stand beside others, again and again. */
function pipelineOf(count: number): string {
  const examples = [...steps.values()].flatMap((step) => step.examples).filter((example) => alone(example));
  const streams: string[] = [];
  for (let first = 0; first < count; first += STEPS_OF_A_STREAM) {
    const many = Math.min(STEPS_OF_A_STREAM, count - first);
    const written = Array.from(
      { length: many },
      (_, i) => `      - ${indented(examples[(first + i) % examples.length] as string)}`,
    );
    streams.push(`  s${first}:\n    from: in\n    to: out\n    steps:\n${written.join('\n')}`);
  }
  return `pipeline: large\ntopics: { ${TOPICS.map((topic) => `${topic}: { external: true }`).join(', ')} }\nstreams:\n${streams.join('\n')}\n`;
}

function indented(text: string): string {
  return text.trim().replaceAll(/\n(?=.)/g, '\n        ');
}

/** Whether an example loads in a stream of its own: those that name topics of others, or must be alone, are left out. */
function alone(example: string): boolean {
  return load(
    `pipeline: one\ntopics: { in: { external: true }, out: {} }\nstreams: \n  s:\n    from: in\n    to: out\n    steps:\n      - ${indented(example)}\n      - ${indented(example)}\n`,
  ).ok;
}

function load(text: string): ReturnType<typeof loadPipeline> {
  return loadPipeline('large.yaml', registry, { variables: {}, readFile: () => text });
}

/** In ms of the processor's time, so that what else the machine does hardly matters. */
function timed(work: () => void): number {
  const began = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
}

const text = pipelineOf(STEPS);
const first = timed(() => {
  const loaded = load(text);
  if (loaded.ok) return;
  throw new Error(
    loaded.diagnostics
      .slice(0, 5)
      .map((each) => `${each.line}: ${each.message}`)
      .join('\n'),
  );
});
const broken = text.replaceAll('fields', 'feilds');
const line = (what: string, times: readonly number[]): string =>
  `${what}: median ${percentile(times, 0.5).toFixed(0)} ms, longest ${Math.max(...times).toFixed(0)} ms`;
const rounds = (of: string): number[] => Array.from({ length: ROUNDS }, () => timed(() => load(of)));
console.log(`${STEPS} steps in ${text.length} characters, first: ${first.toFixed(0)} ms`);
console.log(line('valid', rounds(text)));
console.log(line('with an unknown key in every "fields"', rounds(broken)));

import { connectors } from '../../connectors/index.ts';
import { loadPipeline, type Registry } from '../../src/config/index.ts';
import { steps } from '../../src/steps/index.ts';
import { percentile } from './statistics.ts';

/**
 * How long checking a pipeline of 500 steps takes, steps of every kind as the reference shows them: in ms of the processor's time. Compile
 * first (`tsc`), then run it from the project's root.
 */

const STEPS = 500;
/** Divided among streams, as one would. */
const STEPS_OF_A_STREAM = 20;
const ROUNDS = 15;

const registry: Registry = { steps, ...connectors };
const TOPICS = ['in', 'out', 'access.errors', 'access.rest', 'customers', 'payments', 'shipments', 'deliveries', 'orders'];

/** Streams of examples, each step after others behind which it makes sense. */
function pipelineOf(count: number): string {
  const examples = [...steps.values()].flatMap((step) => step.examples);
  const streams: string[][] = [];
  let next = 0;
  for (let left = count; left > 0; ) {
    const stream: string[] = [];
    for (let tried = 0; stream.length < Math.min(STEPS_OF_A_STREAM, left) && tried < examples.length; tried += 1) {
      const example = examples[next++ % examples.length] as string;
      if (load(fileOf([[...stream, example]])).ok) stream.push(example);
    }
    streams.push(stream);
    left -= stream.length;
  }
  return fileOf(streams);
}

function fileOf(streams: readonly (readonly string[])[]): string {
  const written = streams.map((stream, i) => {
    const lines = stream.map((example) => `      - ${indented(example)}\n`);
    return `  s${i}:\n    from: in\n    to: out\n    steps:\n${lines.join('')}`;
  });
  const topics = TOPICS.map((topic) => `${topic}: { external: true }`).join(', ');
  return `pipeline: large\ntopics: { ${topics} }\nstreams:\n${written.join('')}`;
}

function indented(text: string): string {
  return text.trim().replaceAll(/\n(?=.)/g, '\n        ');
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
const loaded = load(text);
if (!loaded.ok) throw new Error(loaded.diagnostics.map((each) => `${each.line}: ${each.message}`).join('\n'));
const kinds = new Set(loaded.pipeline.streams.flatMap((stream) => stream.steps.map(({ definition }) => definition.kind)));
const broken = text.replaceAll('fields', 'feilds');
const line = (what: string, times: readonly number[]): string =>
  `${what}: median ${percentile(times, 0.5).toFixed(0)} ms, longest ${Math.max(...times).toFixed(0)} ms`;
const rounds = (of: string): number[] => Array.from({ length: ROUNDS }, () => timed(() => load(of)));
console.log(`${STEPS} steps of ${kinds.size} kinds in ${text.length} characters`);
// To be checked by a process that has just started: `--print > large.yaml`, `time npx millrace validate large.yaml`.
if (process.argv.includes('--print')) console.log(text);
console.log(line('valid', rounds(text)));
console.log(line('with an unknown key in every "fields"', rounds(broken)));

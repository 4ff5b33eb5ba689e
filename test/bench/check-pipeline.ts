import { loadPipeline } from '../../src/config/index.ts';
import { registry } from '../golden/registry.ts';
import { longPipeline } from '../support/long-pipeline.ts';

/**
 * What checking a pipeline of 500 steps takes, in ms of CPU time: YAML, options, expressions, the graph, and types from the source to the last step.
 * The first is of a process that has just begun, as `millrace validate` is; then the median of some more. Compile first (`tsc`), then
 * run it from the project's root.
 */

const STEPS = 500;
const ROUNDS = 15;

function once(text: string): number {
  const begin = process.cpuUsage();
  const loaded = loadPipeline('long.yaml', registry, { variables: {}, readFile: () => text });
  if (!loaded.ok) throw new Error(loaded.diagnostics.map(({ message }) => message).join('\n'));
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1000;
}

for (const streams of [1, 10]) {
  const text = longPipeline(STEPS, streams);
  const first = once(text);
  const rest = Array.from({ length: ROUNDS }, () => once(text)).sort((a, b) => a - b);
  const median = rest[Math.floor(ROUNDS / 2)] as number;
  const where = streams === 1 ? 'one stream' : `${streams} streams`;
  process.stdout.write(`${STEPS} steps in ${where}: first ${first.toFixed(0)} ms, then ${median.toFixed(0)} ms\n`);
}

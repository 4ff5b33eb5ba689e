import { text } from 'node:stream/consumers';
import { PluginFaults } from '../plugins/index.ts';
import { isJsonObject, type JsonObject } from '../record/json.ts';
import { systemClock } from '../sdk/clock.ts';
import type { ExplainedInput } from '../testing/commands.ts';
import { describeTypes } from '../topology/index.ts';
import type { Pipeline } from '../topology/types.ts';
import { loadChecked } from './context.ts';
import { Exit, ExitError } from './exit.ts';
import { explanationText } from './explain-text.ts';
import { withKnownPatterns } from './pattern-cache.ts';
import { KeptStrayErrors } from './stray-errors.ts';

export interface ExplainCommandOptions {
  readonly task?: string;
  readonly step?: string;
  readonly types?: true;
  readonly format: 'text' | 'json';
  readonly now?: number;
  readonly advance?: number;
}

const ENVELOPE = new Set(['topic', 'key', 'value', 'headers', 'time']);

/** `millrace explain`: what each step does with records from standard input, in memory. */
export async function explainRecords(file: string, options: ExplainCommandOptions): Promise<number> {
  const faults = new PluginFaults();
  const [checked] = await withKnownPatterns(() => loadChecked([file], faults));
  const strays = new KeptStrayErrors(faults);
  if (checked === undefined) throw new ExitError(Exit.invalid);
  const { pipeline } = checked;
  const types = options.types === true ? checked.types : undefined;
  if (options.step !== undefined) checkStep(pipeline, options.step);
  if (process.stdin.isTTY) process.stderr.write('millrace: reading records from standard input, one a line; end with Ctrl-D\n');
  const lines = (await text(process.stdin)).split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) throw new ExitError(Exit.usage, 'there is no record on standard input');
  const inputs = lines.map((line) => inputOf(line, pipeline, options.task));
  // Loaded here, for no other command needs the test kit.
  const { explain } = await import('../testing/commands.ts');
  const { problems, ...rest } = await explain(pipeline, {
    inputs,
    now: options.now ?? systemClock.now(),
    advance: options.advance ?? 0,
  });
  const explanation = { ...rest, problems: [...problems, ...(await strays.take())] };
  strays.end();
  process.stdout.write(
    options.format === 'json'
      ? `${JSON.stringify({ ...explanation, ...(types === undefined ? {} : { types: describeTypes(types) }) }, null, 2)}\n`
      : explanationText(explanation, {
          ...(options.step === undefined ? {} : { step: options.step }),
          ...(types === undefined ? {} : { types }),
        }),
  );
  return explanation.problems.length > 0 ? Exit.failed : Exit.done;
}

function checkStep({ sources, streams, sinks }: Pipeline, step: string): void {
  const ids = [...new Set([...sources, ...streams, ...sinks].flatMap(({ steps }) => steps.map(({ id }) => id)))];
  if (!ids.includes(step)) throw new ExitError(Exit.usage, `the pipeline has no step ${step}; there are ${ids.join(', ')}`);
}

/** Where a line goes: into the topic that it names, into the task that was chosen, or where the pipeline begins. */
function inputOf(line: string, pipeline: Pipeline, task: string | undefined): ExplainedInput {
  const value = objectIn(line);
  const envelope = value !== undefined && isEnvelope(value) ? value : undefined;
  const topic = envelope?.['topic'];
  if (typeof topic === 'string') {
    if (!pipeline.topics.some(({ name }) => name === topic))
      throw new ExitError(Exit.usage, `the pipeline has no topic ${topic}`);
    return { kind: 'topic', topic, record: recordOf(envelope as JsonObject) };
  }
  const start = startOf(pipeline, task);
  if (start.kind === 'source') return { kind: 'source', source: start.name, line };
  const record = envelope !== undefined ? recordOf(envelope) : value === undefined ? { text: line } : { value };
  return { kind: 'topic', topic: start.topic, record };
}

function startOf(
  pipeline: Pipeline,
  task: string | undefined,
): { kind: 'source'; name: string } | { kind: 'topic'; topic: string } {
  const { sources, streams, sinks } = pipeline;
  const nodes = [...sources, ...streams, ...sinks];
  const node =
    task === undefined
      ? (sources.find(({ connector }) => connector.rehearse !== undefined) ?? [...streams, ...sinks][0])
      : nodes.find(({ name }) => name === task);
  if (node === undefined)
    throw new ExitError(
      Exit.usage,
      `the pipeline has no task ${task ?? ''}; there are ${nodes.map(({ name }) => name).join(', ')}`,
    );
  if (node.kind !== 'source') return { kind: 'topic', topic: node.from[0] as string };
  if (node.connector.rehearse === undefined)
    throw new ExitError(
      Exit.usage,
      `the source ${node.name} (${node.connector.type}) reads no records of others; choose a stream by --task`,
    );
  return { kind: 'source', name: node.name };
}

function objectIn(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A record with its key or topic, and not a value that happens to have such fields. */
function isEnvelope(object: JsonObject): boolean {
  return 'value' in object && Object.keys(object).length > 1 && Object.keys(object).every((name) => ENVELOPE.has(name));
}

function recordOf({ key, value, headers, time }: JsonObject): Extract<ExplainedInput, { kind: 'topic' }>['record'] {
  const at = typeof time === 'string' ? Date.parse(time) : time;
  return {
    ...(typeof key === 'string' ? { key } : {}),
    value: value ?? null,
    ...(typeof at === 'number' && !Number.isNaN(at) ? { time: at } : {}),
    ...(isJsonObject(headers)
      ? { headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, String(text)])) }
      : {}),
  };
}

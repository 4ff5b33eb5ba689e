import { type DeadLetter, type DeadLetterFilter, DeadLetterQueue } from '../runtime/dead-letter-queue.ts';
import { Names } from '../topology/names.ts';
import type { Pipeline } from '../topology/types.ts';
import { clusterFor, Exit, ExitError, loadPipelines, type SettingsOptions } from './context.ts';
import { counted, grouped } from './progress.ts';

export interface DlqOptions extends SettingsOptions, DeadLetterFilter {
  readonly limit?: number;
}

const SHOWN = 10;
const SAMPLE = 400;

/** `millrace dlq list`: how many dead letters there are, by component, step and code. */
export async function list(file: string, options: DlqOptions): Promise<number> {
  return withQueue(file, options, async (queue, pipeline) => {
    const letters = await queue.list(options);
    if (letters.length === 0) return say(`${pipeline.name}: no dead letters`);
    const groups = new Map<string, DeadLetter[]>();
    for (const letter of letters) {
      const key = [letter.component, letter.step ?? '-', letter.code].join('\t');
      groups.set(key, [...(groups.get(key) ?? []), letter]);
    }
    say(`${pipeline.name}: ${counted(letters.length, 'dead letter')}`);
    for (const [key, group] of [...groups].sort(([, a], [, b]) => b.length - a.length)) {
      const [component, step, code] = key.split('\t');
      say(`  ${grouped(group.length).padStart(8)}  ${component}  step ${step}  ${code}`);
      say(`            e.g. ${printable((group[0] as DeadLetter).message, SAMPLE)}`);
    }
  });
}

/** `millrace dlq show`: the records with their reasons, the newest last. */
export async function show(file: string, options: DlqOptions): Promise<number> {
  return withQueue(file, options, async (queue, pipeline) => {
    const letters = (await queue.list(options)).slice(-(options.limit ?? SHOWN));
    if (letters.length === 0) say(`${pipeline.name}: no dead letters`);
    for (const letter of letters) {
      say(`#${letter.offset}  ${letter.time}  ${letter.component}  step ${letter.step ?? '-'}  ${letter.code}`);
      say(`  reason  ${printable(letter.message, 2_000)}`);
      if (letter.origin !== undefined) say(`  origin  ${letter.origin}`);
      if (letter.part !== undefined) say(`  part    ${letter.part}`);
      if (letter.key !== null) say(`  key     ${printable(letter.key.toString('utf8'), SAMPLE)}`);
      say(`  value   ${letter.value === null ? '(none)' : printable(letter.value.toString('utf8'), 4_000)}`);
    }
  });
}

/** `millrace dlq replay`: hands them back to the component that gave them up, and to no other. */
export async function replay(file: string, options: DlqOptions): Promise<number> {
  return withQueue(file, options, async (queue, pipeline) => {
    const components = new Set([...pipeline.streams, ...pipeline.sinks].map(({ name }) => name));
    const counts = await queue.replay(components, options);
    if (counts.size === 0) say(`${pipeline.name}: nothing to replay`);
    for (const [component, count] of counts) say(`${counted(count, 'dead letter')} handed back to ${component}`);
    const left = (await queue.list(options)).filter(({ component }) => !components.has(component));
    if (left.length > 0)
      say(
        `${grouped(left.length)} stay: the component that gave them up reads no topic (a source), or is no longer in the pipeline`,
      );
  });
}

async function withQueue(
  file: string,
  options: DlqOptions,
  work: (queue: DeadLetterQueue, pipeline: Pipeline) => Promise<void> | void,
): Promise<number> {
  const [pipeline] = loadPipelines([file]);
  if (pipeline === undefined) throw new ExitError(Exit.invalid);
  const cluster = clusterFor(options);
  try {
    const names = new Names(cluster.settings.namespace);
    const queue = new DeadLetterQueue({ kafka: cluster.kafka, admin: cluster.admin, names, pipeline: pipeline.name });
    await work(queue, pipeline);
    return Exit.done;
  } finally {
    await cluster.admin.close();
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** What comes from outside must not move the terminal's cursor. */
function printable(text: string, length: number): string {
  const cut = text.length > length ? `${text.slice(0, length)}... (${grouped(text.length)} characters)` : text;
  return JSON.stringify(cut).slice(1, -1).replaceAll('\\"', '"');
}

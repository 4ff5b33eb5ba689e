import type { DeadLetterFilter } from '../runtime/dead-letter-filter.ts';
import { type DeadLetter, DeadLetterQueue } from '../runtime/dead-letter-queue.ts';
import { Names } from '../topology/names.ts';
import { type TaskNode, tasksOf } from '../topology/stages.ts';
import type { Pipeline } from '../topology/types.ts';
import { clusterFor } from './cluster.ts';
import { loadPipelines, type SettingsOptions } from './context.ts';
import { Exit, ExitError } from './exit.ts';
import { counted, grouped } from './progress.ts';

export interface DlqOptions extends SettingsOptions, DeadLetterFilter {
  readonly limit?: number;
}

const SHOWN = 10;
const SHOWN_GROUPS = 50;
const SAMPLE = 400;
const LONGEST_VALUE = 4_000;

/** `millrace dlq list`: how many dead letters there are, by component, step and code. */
export async function list(file: string, options: DlqOptions): Promise<number> {
  return withQueue(file, options, async (queue, pipeline) => {
    const groups = await queue.groups(options);
    if (groups.count === 0) return say(`${pipeline.name}: no dead letters`);
    say(`${pipeline.name}: ${counted(groups.count, 'dead letter')}`);
    const all = groups.list();
    const shown = all.slice(0, options.limit ?? SHOWN_GROUPS);
    for (const { count, component, step, code, first, last, example } of shown) {
      say(
        `  ${grouped(count).padStart(8)}  ${component}  step ${step ?? '-'}  ${code}  ${first === last ? last : `${first} to ${last}`}`,
      );
      say(`            e.g. ${printable(example, SAMPLE)}`);
    }
    const rest = groups.count - shown.reduce((sum, { count }) => sum + count, 0);
    if (rest > 0) say(`  ${grouped(rest).padStart(8)}  of other kinds; --limit shows more of them, --component and --code fewer`);
  });
}

/** `millrace dlq show`: the records with their reasons, the newest last. */
export async function show(file: string, options: DlqOptions): Promise<number> {
  return withQueue(file, options, async (queue, pipeline) => {
    // A character takes up to four bytes.
    const letters = await queue.newest(options.limit ?? SHOWN, options, LONGEST_VALUE * 4);
    if (letters.length === 0) say(`${pipeline.name}: no dead letters`);
    for (const letter of letters) showLetter(letter);
  });
}

function showLetter(letter: DeadLetter): void {
  say(`#${letter.offset}  ${letter.time}  ${letter.component}  step ${letter.step ?? '-'}  ${letter.code}`);
  say(`  reason  ${printable(letter.message, 2_000)}`);
  if (letter.origin !== undefined) say(`  origin  ${letter.origin}`);
  if (letter.part !== undefined) say(`  part    ${letter.part}`);
  if (letter.key !== null) say(`  key     ${printable(letter.key.toString('utf8'), SAMPLE)}`);
  const { value, valueLength } = letter;
  const text = value === null ? '(none)' : printable(value.toString('utf8'), LONGEST_VALUE);
  say(
    `  value   ${text}${value !== null && valueLength > value.length ? ` (the beginning of ${grouped(valueLength)} bytes)` : ''}`,
  );
}

/** `millrace dlq replay`: hands them back to the component that gave them up, and to no other. */
export async function replay(file: string, options: DlqOptions): Promise<number> {
  return withQueue(file, options, async (queue, pipeline, tasks) => {
    const components = new Set(tasks.filter(({ kind }) => kind !== 'source').map(({ name }) => name));
    const { handedBack, left } = await queue.replay(components, options, options.limit);
    if (handedBack.size === 0) say(`${pipeline.name}: nothing to replay`);
    for (const [component, count] of handedBack) say(`${counted(count, 'dead letter')} handed back to ${component}`);
    if (left > 0)
      say(`${grouped(left)} stay: the component that gave them up reads no topic (a source), or is no longer in the pipeline`);
  });
}

async function withQueue(
  file: string,
  options: DlqOptions,
  work: (queue: DeadLetterQueue, pipeline: Pipeline, tasks: readonly TaskNode[]) => Promise<void> | void,
): Promise<number> {
  const [pipeline] = await loadPipelines([file]);
  if (pipeline === undefined) throw new ExitError(Exit.invalid);
  const cluster = clusterFor(options);
  try {
    const names = new Names(cluster.settings.namespace);
    const tasks = tasksOf(pipeline, names);
    const stateful = new Set(tasks.filter((task) => task.kind === 'stream' && task.stateful).map(({ name }) => name));
    const { kafka, admin } = cluster;
    const queue = new DeadLetterQueue({ kafka, admin, names, pipeline: pipeline.name, stateful });
    await work(queue, pipeline, tasks);
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

import { BatchBuilder } from '../../src/record/batch-builder.ts';
import type { JsonObject } from '../../src/record/json.ts';
import { StreamRecord } from '../../src/record/record.ts';
import { formatListOf } from '../../src/steps/parse/format-list.ts';
import { FORMAT_NAMES, type FormatName, formats as known } from '../../src/steps/parse/formats.ts';
import { candidatesOf } from '../../src/steps/parse/options.ts';
import { parse } from '../../src/steps/parse.ts';
import { stepContext } from '../support/run-step.ts';
import { sampleLines } from './parse-samples.ts';

const ROUNDS = 15;
const NS_PER_US = 1000;
const NS_PER_S = 1e9;
/** When the records of the bench came to Kafka. */
const ARRIVED = Date.UTC(2015, 10, 1);

/** What one format costs, single-threaded and in memory, in ns of CPU time a record: the best of several rounds. */
export interface ParseCost {
  readonly format: string;
  readonly records: number;
  /** Length of a text, on the average. */
  readonly bytes: number;
  /** The parser alone. */
  readonly parserNs: number;
  /** With the step, which merges what was parsed into the record. */
  readonly stepNs: number;
  /** `JSON.parse` of the same lines, where they are JSON. */
  readonly jsonParseNs: number | undefined;
}

/**
 * Measures `work` on all lines, in ns of CPU time a line, collection of garbage included, so that other processes matter
 * little; its first rounds are for the compiler.
 */
function measure(lines: readonly string[], work: (line: string) => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    const begin = process.cpuUsage();
    for (const line of lines) work(line);
    const { user, system } = process.cpuUsage(begin);
    best = Math.min(best, ((user + system) * NS_PER_US) / lines.length);
  }
  return best;
}

function stepping(options: unknown): (line: string) => unknown {
  const batch = new BatchBuilder(['bench']);
  batch.begin(0, 0, ARRIVED);
  batch.value('');
  const rows = batch.batch();
  const record = new StreamRecord();
  const step = parse.create(parse.options.parse(options), stepContext('bench'));
  return (line) => {
    const value: JsonObject = { message: line, log: { file: { path: '/var/log/app.log' }, offset: 1 }, host: { name: 'web-1' } };
    record.moveTo(rows, 0, value);
    const outcome = step(record);
    if (outcome?.kind === 'rejected') throw new Error(`${outcome.message}: ${line}`);
    return record;
  };
}

/** Measures the formats, each with lines of its own, one after the other. Needs no Kafka. */
export function* measureParsing(formats: readonly FormatName[] = FORMAT_NAMES): Generator<ParseCost> {
  for (const { format, name = format, options = {}, lines: made } of sampleLines(formats)) {
    // Decoded from bytes, as in a pipeline: such texts are flat and not shared with others.
    const lines = made.map((line) => Buffer.from(line).toString('utf8'));
    const all = { format, ...options };
    const { parse: parser } = formatListOf(candidatesOf(parse.options.parse(all), known));
    yield {
      format: name,
      records: lines.length,
      bytes: Math.round(lines.reduce((sum, line) => sum + line.length, 0) / lines.length),
      parserNs: measure(lines, (line) => parser(line, ARRIVED)),
      stepNs: measure(lines, stepping(all)),
      jsonParseNs: format === 'json' ? measure(lines, (line) => JSON.parse(line)) : undefined,
    };
  }
}

export const parseHeader = ['format', 'bytes', 'ns parser', 'records/s', 'ns step'].map(column).join('');

function column(cell: string, i: number): string {
  return i === 0 ? cell.padEnd(24) : cell.padStart(12);
}

export function asParseLine({ format, bytes, parserNs, stepNs, jsonParseNs }: ParseCost): string {
  const perSecond = Math.round(NS_PER_S / parserNs);
  const cells = [format, String(bytes), parserNs.toFixed(0), String(perSecond), stepNs.toFixed(0)].map(column).join('');
  return jsonParseNs === undefined
    ? cells
    : `${cells}   ${(parserNs / jsonParseNs).toFixed(2)} times JSON.parse (${jsonParseNs.toFixed(0)} ns)`;
}

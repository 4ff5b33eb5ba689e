/**
 * A bare node-rdkafka producer: `produce` of lines already in memory, in turn, without delivery reports, not idempotent
 * and in no transaction. It is measured from the first line acknowledged until all are.
 */
import { readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import rdkafka from 'node-rdkafka';
import { connected, disconnected, flushed } from './bare-clients.ts';
import { MeasuredWindow } from './measured-window.ts';
import { leave, report } from './reporting.ts';

export interface BareProduceConfig {
  readonly brokers: string;
  readonly topic: string;
  /** A file with lines, which are held in memory and produced in turn. */
  readonly file: string;
  readonly records: number;
}

const QUEUE_FULL = -184;
const NEWLINE = 0x0a;

const config = JSON.parse(process.argv[2] as string) as BareProduceConfig;
const lines = linesOf(readFileSync(config.file));

function linesOf(text: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let from = 0, to = text.indexOf(NEWLINE); to >= 0; from = to + 1, to = text.indexOf(NEWLINE, from)) {
    found.push(text.subarray(from, to));
  }
  return found;
}

const producer = new rdkafka.Producer({ 'metadata.broker.list': config.brokers, 'compression.codec': 'lz4' });
await connected(producer);
const window = new MeasuredWindow();
let bytes = 0;

async function produce(line: Buffer): Promise<void> {
  for (;;) {
    try {
      producer.produce(config.topic, null, line);
      bytes += line.length;
      return;
    } catch (error) {
      if ((error as { code?: number }).code !== QUEUE_FULL) throw error;
      producer.poll();
      await nextTurn();
    }
  }
}

await produce(lines[0] as Buffer);
await flushed(producer);
window.mark(1, bytes);
for (let i = 1; i < config.records; i += 1) {
  const line = lines[i % lines.length] as Buffer;
  try {
    producer.produce(config.topic, null, line);
    bytes += line.length;
  } catch {
    await produce(line);
  }
}
await flushed(producer);
window.mark(config.records, bytes);
await report(window.result());
await disconnected(producer);
leave();

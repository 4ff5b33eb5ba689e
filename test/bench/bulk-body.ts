/** Building `_bulk` bodies: CPU time and memory a record, by what the sink is asked for. */

import { type Encoder, encoderFor } from '../../connectors/elasticsearch/encoder.ts';
import { bodyBound } from '../../connectors/elasticsearch/request.ts';
import { accessLine } from '../../connectors/generator/access-line.ts';
import { BatchBuilder } from '../../src/record/batch-builder.ts';
import { DocumentIds } from '../../src/runtime/document-id.ts';
import { boundConfig } from '../support/elasticsearch-sink.ts';
import { contextWith } from '../support/sink-batches.ts';

const RECORDS = 5_000;
const ROUNDS = 60;

const ids = new DocumentIds();
const builder = new BatchBuilder(['events']);
for (let i = 0; i < RECORDS; i += 1) {
  builder.begin(0, 0, 1_700_000_000_000 + i);
  builder.offset(i);
  builder.key(`k${i}`);
  builder.value(JSON.stringify({ message: accessLine(1, i), event: { sequence: i }, service: { name: 'web' } }));
}
const records = builder.batch();
const batch = { records, id: (i: number) => ids.id('incarnation', 'events', 0, i) };
const memory = Buffer.allocUnsafeSlow(bodyBound(records, true) + RECORDS * 400);

/** CPU time in ns and heap in bytes, a record. */
function measure(encode: () => unknown): { ns: number; bytes: number } {
  let bytes = 0;
  const before = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round += 1) {
    const heap = process.memoryUsage().heapUsed;
    encode();
    bytes += Math.max(0, process.memoryUsage().heapUsed - heap);
  }
  const { user, system } = process.cpuUsage(before);
  return { ns: ((user + system) * 1000) / (RECORDS * ROUNDS), bytes: bytes / (RECORDS * ROUNDS) };
}

const encoderOf = (options: Record<string, unknown>): Encoder => encoderFor(boundConfig(options), contextWith());
const encoders: Record<string, Encoder> = {
  'derived ids, create, one index': encoderOf({ index: 'logs' }),
  'index by record': encoderOf({ index: 'logs-{{ service.name }}' }),
  'with host, agent, event.ingested': encoderOf({ index: 'logs', ecs: ['host', 'agent', 'event.ingested'] }),
  'ids by record, index': encoderOf({ index: 'logs', id: '{{ event.sequence }}', operation: 'index' }),
};
const ways = Object.fromEntries(
  Object.entries(encoders)
    .filter(([name]) => name.includes(process.argv[2] ?? ''))
    .map(([name, encoder]) => [name, () => encoder.encode(batch, memory)]),
);

for (const way of Object.values(ways)) for (let i = 0; i < 3; i += 1) measure(way);
for (const [name, way] of Object.entries(ways)) {
  const best = [1, 2, 3, 4, 5].map(() => measure(way)).sort((a, b) => a.ns - b.ns)[0];
  process.stdout.write(
    `${name.padEnd(34)} ${best?.ns.toFixed(0).padStart(6)} ns  ${best?.bytes.toFixed(0).padStart(6)} B a record\n`,
  );
}

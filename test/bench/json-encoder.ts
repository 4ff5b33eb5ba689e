/** Encoding parsed access-log records: this project's encoder beside JSON.stringify and a write, in one run. */
import { accessLine } from '../../connectors/generator/access-line.ts';
import { BatchBuilder } from '../../src/record/batch-builder.ts';
import type { JsonObject } from '../../src/record/json.ts';
import { JsonEncoder } from '../../src/record/json-encoder.ts';
import { apacheParser } from '../../src/steps/parse/apache.ts';
import { ParseFailure } from '../../src/steps/parse/parser.ts';

const RECORDS = 4_000;
const ROUNDS = 40;

const parse = apacheParser('combined');
const records: JsonObject[] = Array.from({ length: RECORDS }, (_, i) => {
  const fields = parse(accessLine(1, i), -1);
  if (fields instanceof ParseFailure) throw new Error('the generator writes lines that do not parse');
  return {
    ...fields,
    event: { original: accessLine(1, i) },
    host: { name: 'web-1' },
    log: { file: { path: '/var/log/access.log' }, offset: i * 200 },
  };
});
const encoder = new JsonEncoder();
const builder = new BatchBuilder(['t']);

const ways: Record<string, (value: JsonObject) => void> = {
  'JSON.stringify': (value) => {
    builder.value(JSON.stringify(value));
  },
  JsonEncoder: (value) => {
    encoder.write(builder, value);
  },
};

/** CPU time in ns a record. */
function measure(encode: (value: JsonObject) => void): number {
  const before = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round += 1) {
    builder.reset();
    for (const record of records) {
      builder.begin(0, 0, -1);
      encode(record);
    }
  }
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / (RECORDS * ROUNDS);
}

for (const way of [...Object.values(ways), ...Object.values(ways)]) measure(way);
const figures = Object.fromEntries(Object.entries(ways).map(([name, way]) => [name, measure(way)]));
for (const [name, ns] of Object.entries(figures)) process.stdout.write(`${name.padEnd(16)} ${ns.toFixed(0)} ns a record\n`);
process.stdout.write(`ratio            ${((figures['JsonEncoder'] ?? 0) / (figures['JSON.stringify'] ?? 1)).toFixed(2)}\n`);

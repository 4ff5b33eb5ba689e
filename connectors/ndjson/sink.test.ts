import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchBuilder, Outcomes, type SinkBatch } from 'millrace/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contextWith } from '../../test/support/sink-batches.ts';
import { ndjsonConfig } from './config.ts';
import { NdjsonSink } from './sink.ts';

let directory: string;
let path: string;
const signal = new AbortController().signal;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-ndjson-'));
  path = join(directory, 'a', 'b', 'out.ndjson');
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

function batchOf(values: readonly (string | null)[]): SinkBatch {
  const builder = new BatchBuilder(['t']);
  for (const value of values) {
    builder.begin(0, 0, 0);
    builder.value(value);
  }
  return { records: builder.batch(), id: (i) => `id-${i}` };
}

async function write(sink: NdjsonSink, values: readonly (string | null)[]): Promise<Outcomes> {
  const outcomes = new Outcomes(values.length);
  await sink.write(batchOf(values), outcomes, signal);
  return outcomes;
}

function sinkTo(file: string): NdjsonSink {
  return new NdjsonSink(ndjsonConfig.parse({ path: file }), contextWith());
}

describe('ndjson sink', () => {
  it('makes the directory and appends a line for each record, in the order of the writes', async () => {
    const sink = sinkTo(path);
    await sink.open();
    await Promise.all([write(sink, ['{"n":1}', null]), write(sink, ['{\n"n": 2}'])]);
    await sink.close();
    const again = sinkTo(path);
    await again.open();
    expect((await write(again, ['{"n":3}'])).of(0)).toBe('delivered');
    await again.close();
    expect(await readFile(path, 'utf8')).toBe('{"n":1}\nnull\n{"n":2}\n{"n":3}\n');
  });

  it('rejects what can be no line, and delivers the rest', async () => {
    const sink = sinkTo(path);
    await sink.open();
    const outcomes = await write(sink, ['1', 'no\njson', '2']);
    await sink.close();
    expect([0, 1, 2].map((i) => outcomes.of(i))).toEqual(['delivered', 'rejected', 'delivered']);
    expect(await readFile(path, 'utf8')).toBe('1\n2\n');
  });

  it.each([
    ['cuts off a line that a crash left half written', '{"n":1}\n{"n":', '{"n":1}\n{"n":2}\n'],
    ['ends a whole line that has no line break', '{"n":0}', '{"n":0}\n{"n":2}\n'],
    ['starts over where nothing but a fragment is there', '{"n', '{"n":2}\n'],
  ])('%s', async (_, before, after) => {
    path = join(directory, 'out.ndjson');
    await writeFile(path, before);
    const sink = sinkTo(path);
    await sink.open();
    await write(sink, ['{"n":2}']);
    await sink.close();
    expect(await readFile(path, 'utf8')).toBe(after);
  });

  it('goes on in a new file when the old one was renamed', async () => {
    const sink = sinkTo(path);
    await sink.open();
    await write(sink, ['1']);
    await rename(path, `${path}.1`);
    await write(sink, ['2']);
    await sink.close();
    expect([await readFile(`${path}.1`, 'utf8'), await readFile(path, 'utf8')]).toEqual(['1\n', '2\n']);
  });

  it('says clearly why a file cannot be written, and delivers once it can', async () => {
    const blocked = join(directory, 'blocked');
    await writeFile(blocked, '');
    const sink = sinkTo(join(blocked, 'out.ndjson'));
    await expect(sink.open()).rejects.toThrow(/appending to the file .*out\.ndjson: a part of its path is no directory/);
    const outcomes = await write(sink, ['1']);
    expect(outcomes.of(0)).toBe('retry');
    await rm(blocked);
    expect((await write(sink, ['1'])).of(0)).toBe('delivered');
    await sink.close();
  });

  it.skipIf(!existsSync('/dev/full'))('retries on a full disk', async () => {
    const sink = sinkTo('/dev/full');
    await sink.open();
    const outcomes = await write(sink, ['1', '2']);
    await sink.close();
    expect([outcomes.of(0), outcomes.of(1)]).toEqual(['retry', 'retry']);
    expect(outcomes.errorOf(1)?.message).toBe(
      'appending to the file /dev/full: the disk is full; free some space; nothing is lost, it is tried again',
    );
  });
});

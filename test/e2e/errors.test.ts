import { afterEach, beforeEach, expect, it } from 'vitest';
import { clusterAddress, describeOnCluster, uniqueName } from '../support/cluster.ts';
import { readCommitted } from '../support/foreign-reader.ts';
import { killAllProcesses } from '../support/processes.ts';
import { STACK_TRACE, Workbench } from '../support/workbench.ts';

describeOnCluster('errors that a user meets, on a cluster', () => {
  let bench: Workbench;
  let name: string;

  beforeEach(async () => {
    name = uniqueName('errors');
    bench = await Workbench.create([`kafka.brokers=${clusterAddress().brokers}`, `namespace=${name}`]);
    await bench.write('in/good.log', 'one\ntwo\nthree\n');
  });

  afterEach(async () => {
    await killAllProcesses();
    await bench.dispose();
  });

  it('an unknown topic holds up only what needs it, and is taken up when it comes', async () => {
    const pipeline = await bench.write(
      'pipeline.yaml',
      `pipeline: known
topics:
  ${name}.raw: { partitions: 1 }
  ${name}.theirs: { external: true }
sources:
  log: { file: ./in/*.log, to: ${name}.raw }
sinks:
  archive: { from: ${name}.raw, ndjson: ./out.ndjson }
  theirs: { from: ${name}.theirs, ndjson: ./theirs.ndjson }
`,
    );
    const millrace = bench.run([pipeline]);
    const message = `the external topic ${name}.theirs does not exist; create it, or declare it without \`external: true\``;
    await millrace.waitForOutput(new RegExp(message.replaceAll('.', '\\.')));
    expect((await bench.messages('out.ndjson', 3)).sort()).toEqual(['one', 'three', 'two']);

    const owner = await bench.write(
      'owner.yaml',
      `pipeline: owner
topics:
  ${name}.theirs: { partitions: 1 }
sources:
  made: { generator: { kind: apache_combined, count: 5 }, to: ${name}.theirs }
`,
    );
    const other = bench.run(['--once', owner, '-s', 'data_directory=./other']);
    expect(await other.ended).toEqual({ code: 0, signal: null });
    expect(await bench.messages('theirs.ndjson', 5)).toHaveLength(5);
    expect(await millrace.stop()).toEqual({ code: 0, signal: null });
    expect(millrace.stdout + millrace.stderr).not.toMatch(STACK_TRACE);
  });

  it('a Kafka that does not answer is named, and the process can be stopped', async () => {
    const pipeline = await bench.write(
      'pipeline.yaml',
      `pipeline: unreachable
topics: { ${name}.raw: {} }
sources:
  log: { file: ./in/*.log, to: ${name}.raw }
`,
    );
    const millrace = bench.run([pipeline, '-s', 'kafka.brokers=127.0.0.1:1']);
    await millrace.waitForOutput(
      /connecting to Kafka at 127\.0\.0\.1:1: broker transport failure; check that it runs, and the settings kafka\.brokers and kafka\.security; it is tried again until it succeeds/,
    );
    expect(await millrace.stop()).toEqual({ code: 0, signal: null });
    expect(millrace.stdout + millrace.stderr).not.toMatch(STACK_TRACE);
  });

  it('a line of 100 MB that is too large even when cut is a dead letter, and the lines around it are read', async () => {
    // Each quote takes two bytes in JSON, so that the megabyte which is kept of the line becomes two.
    await bench.write(
      'in/long.log',
      Buffer.concat([Buffer.from('before\n'), Buffer.alloc(100_000_000, '"'), Buffer.from('\nafter\n')]),
    );
    const pipeline = await bench.write(
      'pipeline.yaml',
      `pipeline: long
topics:
  ${name}.raw: { partitions: 1 }
sources:
  log: { file: ./in/*.log, to: ${name}.raw }
sinks:
  archive: { from: ${name}.raw, ndjson: ./out.ndjson }
`,
    );
    const millrace = bench.run(['--once', pipeline]);
    expect(await millrace.ended).toEqual({ code: 0, signal: null });
    expect(millrace.stderr).toContain('source long/log: 6 records in, 5 out, 1 dead letter\n');
    expect((await bench.messages('out.ndjson', 5)).sort()).toEqual(['after', 'before', 'one', 'three', 'two']);
    const [dead] = await readCommitted(clusterAddress().brokers, `${name}.long.dead`);
    const header = (key: string): string => String(dead?.headers.find(([each]) => each === key)?.[1]);
    expect(header('millrace.dead.code')).toBe('RECORD_TOO_LARGE');
    expect(header('millrace.dead.message')).toMatch(
      /^writing the record to \S+: it has 2000\d{3} bytes, and the topic takes 1047564; /,
    );
    expect((JSON.parse(String(dead?.value)) as { message: string }).message).toBe('"'.repeat(1_000_000));
  });
});

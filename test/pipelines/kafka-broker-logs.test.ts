import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/record/json.ts';
import { type PipelineRun, runPipeline } from '../support/run-pipeline.ts';
import { Workbench } from '../support/workbench.ts';

const BROKER_LOGS = resolve('../shared/data/multiline/kafka_logs');

let bench: Workbench;
beforeEach(async () => {
  bench = await Workbench.create([]);
});
afterEach(() => bench.dispose());

const run = (directory: string): Promise<PipelineRun> =>
  runPipeline('kafka-broker-logs.yaml', { variables: { KAFKA_LOGS: directory }, now: Date.UTC(2026, 4, 17) });

const TRACE = [
  'java.io.IOException: Connection to 2 was disconnected before the response was read',
  '\tat kafka.utils.NetworkClientBlockingOps$.blockingSendAndReceive$extension(NetworkClientBlockingOps.scala:112)',
  '\tat kafka.utils.ShutdownableThread.run(ShutdownableThread.scala:63)',
].join('\n');

describe('kafka-broker-logs.yaml', () => {
  it('reads level, logger and exception, also of messages of several lines', async () => {
    const content = `${[
      '[2026-05-16 16:31:46,143] INFO KafkaConfig values: ',
      '\tadvertised.host.name = null',
      ' (kafka.server.KafkaConfig)',
      '[2026-05-16 16:31:47,005] WARN [ReplicaFetcherThread-0-2], Error in fetch Fetch@2640 (of many) (kafka.server.ReplicaFetcherThread)',
      TRACE,
      '[2026-05-16 16:31:47,900] INFO [Kafka Server 0], started (kafka.server.KafkaServer)',
    ].join('\n')}\n`;
    const path = await bench.write('server.log.2026-05-16-16', content);
    await bench.write('kafkaServer-gc.log', '[0.004s][info][gc] Using G1\n');
    const { topics, sinks, dead } = await run(bench.directory);

    const common = { host: { name: 'web-1' }, service: { type: 'kafka' }, event: { dataset: 'kafka.server' } };
    const settings = {
      ...common,
      '@timestamp': '2026-05-16T16:31:46.143Z',
      message: 'KafkaConfig values: \n\tadvertised.host.name = null',
      log: { file: { path }, offset: 0, flags: ['multiline'], level: 'INFO', logger: 'kafka.server.KafkaConfig' },
    };
    const failure = {
      ...common,
      '@timestamp': '2026-05-16T16:31:47.005Z',
      message: '[ReplicaFetcherThread-0-2], Error in fetch Fetch@2640 (of many)',
      log: {
        file: { path },
        offset: content.indexOf('[2026-05-16 16:31:47,005]'),
        flags: ['multiline'],
        level: 'WARN',
        logger: 'kafka.server.ReplicaFetcherThread',
      },
      error: {
        type: 'java.io.IOException',
        message: 'Connection to 2 was disconnected before the response was read',
        stack_trace: TRACE,
      },
    };
    const started = {
      ...common,
      '@timestamp': '2026-05-16T16:31:47.900Z',
      message: '[Kafka Server 0], started',
      log: {
        file: { path },
        offset: content.indexOf('[2026-05-16 16:31:47,900]'),
        level: 'INFO',
        logger: 'kafka.server.KafkaServer',
      },
    };
    expect(dead).toEqual([]);
    expect(topics.get('kafka.events')).toEqual([settings, failure, started]);
    expect(topics.get('kafka.trouble')).toEqual([failure]);
    expect(sinks.get('search')).toEqual([settings, failure, started]);
  });

  it('keeps what is no record of a broker as a dead letter', async () => {
    await bench.write('server.log', '[2026-05-16 16:31:46,143] INFO cut off in the mid\n');
    const { topics, dead } = await run(bench.directory);
    expect(topics.get('kafka.events')).toEqual([]);
    expect(dead).toMatchObject([{ task: 'parse', step: 'parse-1', code: 'PARSE_FAILED' }]);
  });
});

/** The lines of all logs that match. */
function grep(pattern: RegExp): number {
  const logs = readdirSync(BROKER_LOGS).map((name) => readFileSync(`${BROKER_LOGS}/${name}`, 'utf8'));
  return logs.flatMap((log) => log.split('\n')).filter((line) => pattern.test(line)).length;
}

describe.skipIf(!existsSync(BROKER_LOGS))('kafka-broker-logs.yaml on eight real logs', () => {
  it('finds the records, levels and stack traces that grep finds', async () => {
    for (const name of readdirSync(BROKER_LOGS)) {
      const [broker, log] = name.split('_') as [string, string];
      await bench.write(`${broker}/${log}`, readFileSync(`${BROKER_LOGS}/${name}`));
    }
    const { topics, dead } = await run(`${bench.directory}/*`);
    const records = topics.get('kafka.events') as JsonObject[];
    expect(dead).toEqual([]);
    expect(records).toHaveLength(grep(/^\[\d{4}-/));
    expect(topics.get('kafka.trouble')).toHaveLength(grep(/^\[\d{4}-[^\]]*\] (?:WARN|ERROR|FATAL) /));

    const errors = records.filter(({ error }) => error !== undefined);
    expect(errors).toHaveLength(grep(/^java\.\S+: /));
    expect(new Set(errors.map(({ error }) => (error as { type: string }).type))).toEqual(new Set(['java.io.IOException']));
    expect({ records: records.length, errors: errors.length }).toEqual({ records: 3342, errors: 37 });

    const loggers = records.map(({ log }) => (log as { logger: string }).logger);
    expect(loggers.filter((logger) => logger === 'kafka.server.KafkaConfig')).toHaveLength(
      grep(/\(kafka\.server\.KafkaConfig\)$/),
    );
    expect(loggers.every((logger) => /^[\w.$]+$/.test(logger))).toBe(true);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PipelineRun, runPipeline } from '../support/run-pipeline.ts';
import { Workbench } from '../support/workbench.ts';

const NOW = '2026-05-18T00:00:00.000Z';

let bench: Workbench;
beforeEach(async () => {
  bench = await Workbench.create([]);
});
afterEach(() => bench.dispose());

async function runOver(...events: readonly string[]): Promise<PipelineRun> {
  const path = await bench.write('shop.log', `${events.join('\n')}\n`);
  const variables = { APP_LOGS: path, APP_NAME: 'shop', LOG_TIMEZONE: 'Europe/Madrid' };
  const run = await runPipeline('java-application.yaml', { variables, now: Date.parse(NOW) });
  expect(run.dead).toEqual([]);
  return run;
}

const TRACE = [
  'com.example.shop.OrderFailed: order 42: no stock',
  '\tat com.example.shop.Orders.place(Orders.java:101)',
  '\tat java.base/java.lang.Thread.run(Thread.java:1583)',
  'Caused by: java.sql.SQLException: connection refused',
  '\tat org.postgresql.Driver.connect(Driver.java:297)',
  '\t... 12 more',
].join('\n');

describe('java-application.yaml', () => {
  it('reads Logback lines, with the stack trace of each', async () => {
    const info = '2026-05-17 10:05:03,123 [main] INFO  com.example.shop.Application - started in 2.1 s';
    const error = '2026-05-17 10:05:04,007 [http-nio-8080-exec-1] ERROR com.example.shop.Orders - could not place order 42';
    const { topics, sinks } = await runOver(info, `${error}\n${TRACE}`, info);
    const common = { host: { name: 'web-1' }, service: { name: 'shop' } };
    const path = bench.path('shop.log');
    const started = (offset: number): object => ({
      ...common,
      '@timestamp': '2026-05-17T08:05:03.123Z',
      message: 'started in 2.1 s',
      log: { file: { path }, offset, level: 'INFO', logger: 'com.example.shop.Application' },
      process: { thread: { name: 'main' } },
    });
    const failed = {
      ...common,
      '@timestamp': '2026-05-17T08:05:04.007Z',
      message: 'could not place order 42',
      log: {
        file: { path },
        offset: info.length + 1,
        flags: ['multiline'],
        level: 'ERROR',
        logger: 'com.example.shop.Orders',
      },
      process: { thread: { name: 'http-nio-8080-exec-1' } },
      error: { type: 'com.example.shop.OrderFailed', message: 'order 42: no stock', stack_trace: TRACE },
    };
    const expected = [started(0), failed, started(`${info}\n${error}\n${TRACE}\n`.length)];
    expect(topics.get('app.events')).toEqual(expected);
    expect(sinks.get('search')).toEqual(expected);
  });

  it.each([
    [
      "Spring Boot's form",
      '2026-05-17T10:05:03.123+02:00  WARN 4242 --- [shop] [nio-8080-exec-1] c.example.shop.Orders    : slow: 5 s',
      { process: { pid: 4242, thread: { name: 'nio-8080-exec-1' } } },
    ],
    [
      "Spring Boot's older form",
      '2026-05-17 10:05:03.123  WARN 4242 --- [           main] c.example.shop.Orders    : slow: 5 s',
      { process: { pid: 4242, thread: { name: 'main' } } },
    ],
    [
      "Quarkus's form",
      '2026-05-17 10:05:03,123 WARN  [c.example.shop.Orders] (executor-1) slow: 5 s',
      { process: { thread: { name: 'executor-1' } } },
    ],
  ])('reads %s', async (_, line, process) => {
    const { topics } = await runOver(line);
    expect(topics.get('app.events')).toEqual([
      {
        ...process,
        '@timestamp': '2026-05-17T08:05:03.123Z',
        message: 'slow: 5 s',
        log: { file: { path: bench.path('shop.log') }, offset: 0, level: 'WARN', logger: 'c.example.shop.Orders' },
        host: { name: 'web-1' },
        service: { name: 'shop' },
      },
    ]);
  });

  it('keeps what no logger wrote: a banner, and an uncaught exception by itself', async () => {
    const uncaught =
      'Exception in thread "main" java.lang.IllegalStateException: no port\n\tat com.example.shop.Main.main(Main.java:7)';
    const { topics } = await runOver(' :: Spring Boot ::  (v3.4.0)', uncaught);
    const [banner, exception] = topics.get('app.events') ?? [];
    expect(banner).toEqual({
      '@timestamp': NOW,
      message: ' :: Spring Boot ::  (v3.4.0)',
      log: { file: { path: bench.path('shop.log') }, offset: 0 },
      host: { name: 'web-1' },
      service: { name: 'shop' },
    });
    expect(exception).toMatchObject({
      '@timestamp': NOW,
      message: uncaught,
      log: { level: 'ERROR' },
      error: { type: 'java.lang.IllegalStateException', message: 'no port', stack_trace: uncaught },
    });
  });

  it('lets no secret reach a topic, not even the one of raw lines', async () => {
    const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
    const { topics } = await runOver(
      `2026-05-17 10:05:03,123 [main] INFO  c.e.Login - Authorization: Bearer ${jwt}`,
      '2026-05-17 10:05:03,124 [main] DEBUG c.e.Login - user=ann&password=hunter2&next=/',
      '2026-05-17 10:05:03,125 [main] ERROR c.e.Pay - refused\njava.lang.RuntimeException: card 4111 1111 1111 1111\n\tat c.e.Pay.run(Pay.java:1)',
    );
    const kept = JSON.stringify([...topics.values()]);
    for (const secret of [jwt, 'hunter2', '4111 1111']) expect(kept).not.toContain(secret);
    expect(topics.get('app.events')?.map(({ message }) => message)).toEqual([
      'Authorization: Bearer [token]',
      'user=ann&password=[password]&next=/',
      'refused',
    ]);
    expect(topics.get('app.events')?.[2]).toMatchObject({ error: { message: 'card [card]' } });
  });

  it('reads stack traces that are very long', async () => {
    const frames = Array.from({ length: 900 }, (_, i) => `\tat com.example.shop.Deep.call${i}(Deep.java:${i})`).join('\n');
    const trace = `java.lang.StackOverflowError\n${frames}`;
    const { topics } = await runOver(`2026-05-17 10:05:03,123 [main] ERROR c.e.Deep - too deep\n${trace}`);
    expect(trace.length).toBeGreaterThan(30_000);
    expect(topics.get('app.events')).toMatchObject([
      { message: 'too deep', error: { type: 'java.lang.StackOverflowError', stack_trace: trace } },
    ]);
  });
});

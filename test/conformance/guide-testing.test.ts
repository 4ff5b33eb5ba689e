import { readFileSync } from 'node:fs';
import { pipelineTests, testPipeline, VirtualClock } from 'millrace/testing';
import { describe, expect, it } from 'vitest';

const GUIDE = readFileSync(new URL('../../docs/guide/testing.md', import.meta.url), 'utf8');

// What stands between the marks is the guide's example, word for word.
// example
describe('access-error-rate.yaml', () => {
  it('counts the requests of each minute', async () => {
    const run = await testPipeline('pipelines/access-error-rate.yaml', { now: '2026-05-17T10:05:00Z' });
    await run.feed('access', {
      lines: ['10.1.2.3 - - [17/May/2026:10:05:03 +0000] "GET /cart HTTP/1.1" 503 100 "-" "-"'],
    });
    await run.produce('errors.events', { at: '2026-05-17T10:05:04Z', value: { url: { path: '/cart' } } });
    await run.advance('5m');
    expect(run.values('errors.rates')).toMatchObject([{ url: { path: '/cart' }, requests: 2, errors: 1 }]);
    expect(run.sink('search')).toMatchObject([{ index: 'access-error-rates', document: { requests: 2 } }]);
    expect([run.deadLetters(), run.problems()]).toEqual([[], []]);
    await run.stop();
  });
});

describe('its test file', async () => {
  for (const { name, run } of await pipelineTests('pipelines/access-error-rate.test.yaml')) it(name, run);
});
// example

describe('the guide to testing', () => {
  it('has this example', () => {
    const [, example = ''] = readFileSync(new URL(import.meta.url), 'utf8').split('// example\n');
    expect(GUIDE).toContain(`\n${example}\`\`\``);
  });
});

describe('millrace/testing', () => {
  it('says what is wrong with a file, and where', async () => {
    await expect(testPipeline('test/golden/broken/topics.yaml')).rejects.toThrow('there is no such file');
    await expect(testPipeline('test/golden/broken/cycle.yaml')).rejects.toThrow(/cycle\.yaml:\d+:\d+: error GRAPH_CYCLE/);
    await expect(pipelineTests('pipelines/access-error-rate.yaml')).rejects.toThrow('unknown key "topics" in the test file');
  });

  it('says what is no time and no span', async () => {
    await expect(testPipeline('pipelines/quickstart-elasticsearch.yaml', { now: 'then' })).rejects.toThrow('"then" is no time');
    const run = await testPipeline('pipelines/quickstart-elasticsearch.yaml');
    expect(run.now).toBe(Date.UTC(2026, 0, 1));
    await expect(run.advance('later')).rejects.toThrow('"later" is no duration');
    await run.stop();
    await run.stop();
  });

  it('has a clock for what needs only that', async () => {
    const clock = new VirtualClock();
    const sleeping = clock.sleep(60_000);
    await clock.advance(60_000);
    await expect(sleeping).resolves.toBeUndefined();
  });
});

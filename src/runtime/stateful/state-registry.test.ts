import { describe, expect, it } from 'vitest';
import { FakeKafka } from '../../../test/support/fake-kafka.ts';
import { statefulNode } from '../../../test/support/stages.ts';
import { pipelineOf, sourceNode, streamNode, topicNode } from '../../../test/support/tasks.ts';
import type { Source } from '../../sdk/source.ts';
import { window } from '../../steps/window.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { Names } from '../../topology/names.ts';
import type { Pipeline, SourceNode } from '../../topology/types.ts';
import { StateRegistry } from './state-registry.ts';

function pipelineWith(options: object, { keyed = false, id = 'w' } = {}): Pipeline {
  const source = sourceNode((): Source => {
    throw new Error('not started');
  });
  const partitionBy = { text: '{{ k }}' } as SourceNode['partitionBy'] & object;
  return pipelineOf({
    topics: [topicNode('in', { partitions: 4 }), topicNode('out')],
    sources: [keyed ? { ...source, partitionBy } : source],
    streams: [streamNode({ steps: [statefulNode(window, { by: ['k'], compute: { n: 'count()' }, ...options }, { id })] })],
  });
}

async function setUp() {
  const clock = new VirtualClock();
  const kafka = new FakeKafka(clock);
  const names = new Names('ns');
  kafka.createTopic(names.meta);
  const read = async (): Promise<StateRegistry> => {
    const registry = new StateRegistry({ kafka, lookup: kafka.admin(), names });
    await clock.run(registry.read());
    return registry;
  };
  const first = await read();
  await clock.run(first.enter([pipelineWith({ tumbling: '10s' })]));
  return { clock, kafka, names, read };
}

describe('StateRegistry', () => {
  it('knows what was entered, and enters it once', async () => {
    const { clock, kafka, names, read } = await setUp();
    const registry = await read();
    expect(registry.generationOf(pipelineWith({ tumbling: '10s' }), 'parse')).toBe(0);
    await clock.run(registry.enter([pipelineWith({ tumbling: '10s' })]));
    expect(kafka.values(names.meta)).toHaveLength(1);
  });

  it('takes what does not touch the state', async () => {
    const registry = await (await setUp()).read();
    expect(registry.generationOf(pipelineWith({ tumbling: '10s', keep: '1m', having: 'n > 1' }), 'parse')).toBe(0);
  });

  it.each([
    ['another size', pipelineWith({ tumbling: '20s' }), 'options'],
    ['another computation', pipelineWith({ tumbling: '10s', compute: { n: 'sum(x)' } }), 'options'],
    ['another id', pipelineWith({ tumbling: '10s' }, { id: 'v' }), 'another id'],
    // Its state is in another topic then, and what was on its way through the repartition would be left there.
    ['records that come together elsewhere', pipelineWith({ tumbling: '10s' }, { keyed: true }), 'elsewhere'],
  ])('refuses %s', async (_name, changed, reason) => {
    const { clock, read } = await setUp();
    const registry = await read();
    await clock.run(registry.enter([changed]));
    const refused = (): number => registry.generationOf(changed, 'parse');
    expect(refused).toThrow(expect.objectContaining({ code: 'STATE_INCOMPATIBLE' }));
    expect(refused).toThrow(reason);
    expect(refused).toThrow('`millrace reset /logs.yaml --task parse --to beginning`');
    // What was refused has left nothing behind.
    expect((await read()).generationOf(pipelineWith({ tumbling: '10s' }), 'parse')).toBe(0);
  });

  it('begins a new life with a reset, in which anything goes', async () => {
    const { clock, read } = await setUp();
    await clock.run((await read()).beginReset('logs', ['parse']));
    const changed = pipelineWith({ tumbling: '20s' });
    const begun = await read();
    await clock.run(begun.enter([changed]));
    expect(() => begun.generationOf(changed, 'parse')).toThrow(expect.objectContaining({ code: 'RESET_UNFINISHED' }));
    await clock.run(begun.beginReset('logs', ['parse']));
    await clock.run(begun.endReset('logs', ['parse']));
    const registry = await read();
    expect(registry.generationOf(changed, 'parse')).toBe(1);
    await clock.run(registry.enter([changed]));
    expect((await read()).generationOf(changed, 'parse')).toBe(1);
    expect(() => registry.generationOf(pipelineWith({ tumbling: '10s' }), 'parse')).toThrow();
  });
});

import { describe, expect, it } from 'vitest';
import { operatorNode, stagesIn, statefulNode, waitingNode } from '../../test/support/stages.ts';
import { pipelineOf, sourceNode, stepNode, streamNode, topicNode } from '../../test/support/tasks.ts';
import type { Grouping } from '../sdk/operator.ts';
import type { Source } from '../sdk/source.ts';
import { join } from '../steps/join.ts';
import { window } from '../steps/window.ts';
import type { StageNode } from './stages.ts';
import type { Pipeline, SourceNode, StepNode, StreamNode, TopicNode } from './types.ts';

const noSource = (): Source => {
  throw new Error('not started');
};

/** A source that spreads records by these values. */
const keyedBy = (text: string, to = 'in'): SourceNode =>
  sourceNode(noSource, { to, name: `to-${to}`, partitionBy: { text } as SourceNode['partitionBy'] & object });

const windowBy = (by: readonly string[] | undefined, more: object = {}): StepNode =>
  statefulNode(window, { session: '10s', ...(by === undefined ? {} : { by }), compute: { n: 'count()' }, ...more });

const joinOn = (options: object): StepNode => statefulNode(join, { within: '1m', as: 'other', ...options });

const changing = stepNode(() => undefined, { changesValue: true });

interface Given {
  readonly steps: readonly StepNode[];
  readonly topics?: readonly TopicNode[];
  readonly sources?: readonly SourceNode[];
  readonly streams?: readonly StreamNode[];
  readonly from?: readonly string[];
}

function planned({ steps, topics, sources = [], streams = [], from = ['in'] }: Given): readonly StageNode[] {
  const declared = ['in', 'in2', 'other', 'table', 'out', 'mid'].map((name) => topicNode(name, { partitions: 4 }));
  const named = new Set(topics?.map(({ name }) => name));
  const stream = streamNode({ name: 's', steps, from });
  const pipeline: Pipeline = pipelineOf({
    topics: [...declared.filter(({ name }) => !named.has(name)), ...(topics ?? [])],
    sources,
    streams: [...streams, stream],
  });
  return stagesIn(pipeline, stream);
}

/** A stage in one line: its name, inputs, elements, and where it goes. */
function line({ name, inputs, elements, repartition, to }: StageNode): string {
  const topicOf = (topic: string): string => topic.replace('ns.logs.', '').replace('.repartition', '*');
  const from = inputs.map(({ topic, side }) => (side === 'main' ? topicOf(topic) : `(${topicOf(topic)})`)).join('+');
  const kinds = elements.map((element) => {
    if (element.kind !== 'operator') return element.kind;
    return `${element.step.definition.kind}:${element.part}${element.checksKey ? '!' : ''}`;
  });
  const like = repartition === undefined ? '' : ` like ${repartition.like.length === 0 ? 'one' : repartition.like.join(',')}`;
  return `${name}: ${[from, ...kinds, topicOf(to ?? '-')].join(' > ')}${like}`;
}

const cases: readonly (readonly [string, Given, readonly string[]])[] = [
  ['no state', { steps: [changing] }, ['s: in > steps > out']],
  ['by the Kafka key', { steps: [windowBy(['$key'])] }, ['s: in > window:whole > out']],
  ['by a value', { steps: [windowBy(['k'])] }, ['s: in > s.window* like in', 's.window: s.window* > window:whole > out']],
  ['by nothing', { steps: [windowBy(undefined)] }, ['s: in > s.window* like one', 's.window: s.window* > window:whole > out']],
  ['by what the source spreads by', { steps: [windowBy(['k'])], sources: [keyedBy('{{ k }}')] }, ['s: in > window:whole! > out']],
  [
    'by that, behind a step that changes values',
    { steps: [changing, windowBy(['k'])], sources: [keyedBy('{{ k }}')] },
    ['s: in > steps > s.window* like in', 's.window: s.window* > window:whole > out'],
  ],
  [
    'by that, from somebody else beside the source',
    { steps: [windowBy(['k'])], sources: [keyedBy('{{ k }}'), { ...keyedBy('{{ l }}'), name: 'more' }] },
    ['s: in > s.window* like in', 's.window: s.window* > window:whole > out'],
  ],
  [
    'an external topic, whoever writes it',
    { steps: [windowBy(['k'])], sources: [keyedBy('{{ k }}')], topics: [topicNode('in', { external: true })] },
    ['s: in > s.window* like in', 's.window: s.window* > window:whole > out'],
  ],
  [
    'an external topic that is keyed by it',
    { steps: [windowBy(['k'])], topics: [topicNode('in', { external: true, keyedBy: ['k'] })] },
    ['s: in > window:whole! > out'],
  ],
  [
    'a topic that is keyed by something else',
    { steps: [windowBy(['k'])], sources: [keyedBy('{{ k }}')], topics: [topicNode('in', { partitions: 4, keyedBy: ['l'] })] },
    ['s: in > s.window* like in', 's.window: s.window* > window:whole > out'],
  ],
  [
    'by the group of a window before it, in another stream',
    {
      steps: [windowBy(['k'])],
      from: ['mid'],
      streams: [streamNode({ name: 'before', from: ['in'], to: 'mid', steps: [windowBy(['k'])] })],
    },
    ['s: mid > window:whole! > out'],
  ],
  [
    'by the group of what one partition lets through with whatever keys it has',
    {
      steps: [windowBy(['k'])],
      from: ['mid'],
      topics: [topicNode('in', { partitions: 1 })],
      streams: [streamNode({ name: 'before', from: ['in'], to: 'mid', steps: [windowBy(['k'])] })],
    },
    ['s: mid > s.window* like mid', 's.window: s.window* > window:whole > out'],
  ],
  [
    'two windows by the same',
    { steps: [windowBy(['$key']), { ...windowBy(['$key']), id: 'w2' }] },
    ['s: in > window:whole > window:whole > out'],
  ],
  [
    'two windows by something else',
    { steps: [windowBy(['a', 'b']), { ...windowBy(['a']), id: 'w2' }] },
    ['s: in > s.window* like in', 's.window: s.window* > window:whole > s.w2* like in', 's.w2: s.w2* > window:whole > out'],
  ],
  [
    'several inputs',
    { steps: [windowBy(['k'])], from: ['in', 'in2'], sources: [keyedBy('{{ k }}')] },
    ['s: in+in2 > s.window* like in,in2', 's.window: s.window* > window:whole > out'],
  ],
  [
    'several inputs that are spread alike',
    { steps: [windowBy(['k'])], from: ['in', 'in2'], sources: [keyedBy('{{ k }}'), keyedBy('{{ k }}', 'in2')] },
    ['s: in+in2 > window:whole! > out'],
  ],
  ['one partition', { steps: [windowBy(['k'])], topics: [topicNode('in', { partitions: 1 })] }, ['s: in > window:whole > out']],
  [
    'aggregated in part first',
    { steps: [statefulNode(window, { tumbling: '1s', by: ['k'], compute: { n: 'count()' } })] },
    ['s: in > window:partial > s.window* like in', 's.window: s.window* > window:final > out'],
  ],
  ['a join by the Kafka keys', { steps: [joinOn({ with: 'other', on: '$key' })] }, ['s: in+(other) > join:whole > out']],
  [
    'a join of which neither side is spread by it',
    { steps: [joinOn({ with: 'other', on: 'k' })] },
    [
      's: in > s.join* like in,other',
      's.join-joined: other > s.join-joined* like in,other',
      's.join: s.join*+(s.join-joined*) > join:whole > out',
    ],
  ],
  [
    'a join of which the other side is',
    { steps: [joinOn({ with: 'other', on: 'k' })], sources: [keyedBy('{{ k }}', 'other')] },
    ['s: in > s.join* like other', 's.join: s.join*+(other) > join:whole > out'],
  ],
  [
    'a join of which its own side is',
    { steps: [joinOn({ with: 'other', on: 'k' })], sources: [keyedBy('{{ k }}')] },
    ['s.join-joined: other > s.join-joined* like in', 's: in+(s.join-joined*) > join:whole! > out'],
  ],
  [
    'a join with one partition beside several',
    {
      steps: [joinOn({ with: 'other', on: 'k' })],
      sources: [keyedBy('{{ k }}')],
      topics: [topicNode('other', { partitions: 1 })],
    },
    ['s.join-joined: other > s.join-joined* like in', 's: in+(s.join-joined*) > join:whole! > out'],
  ],
  [
    'a join of two single partitions',
    {
      steps: [joinOn({ with: 'other', on: 'k' })],
      topics: [topicNode('in', { partitions: 1 }), topicNode('other', { partitions: 1 })],
    },
    ['s: in+(other) > join:whole > out'],
  ],
  [
    'a join of one partition with several',
    { steps: [joinOn({ with: 'other', on: 'k' })], topics: [topicNode('in', { partitions: 1 })] },
    [
      's: in > s.join* like in,other',
      's.join-joined: other > s.join-joined* like in,other',
      's.join: s.join*+(s.join-joined*) > join:whole > out',
    ],
  ],
  [
    'a table',
    { steps: [statefulNode(join, { table: 'table', on: 'k', as: 'other' })] },
    ['s: in > s.join* like table', 's.join: s.join* > join:whole > out'],
  ],
  [
    'another group behind what brought one partition beside several',
    {
      steps: [statefulNode(join, { table: 'table', on: 'k', as: 'other' }), windowBy(['l'])],
      topics: [topicNode('in', { partitions: 1 })],
    },
    [
      's: in > s.join* like table',
      's.join: s.join* > join:whole > s.window* like in',
      's.window: s.window* > window:whole > out',
    ],
  ],
  [
    'steps that wait around a window',
    {
      steps: [
        waitingNode(() => Promise.resolve(undefined)),
        windowBy(['$key']),
        waitingNode(() => Promise.resolve(undefined), 'b'),
      ],
    },
    ['s: in > async > window:whole > async > out'],
  ],
];

describe('the stages of a stream', () => {
  it.each(cases)('%s', (_name, given, lines) => {
    expect(planned(given).map(line)).toEqual(lines);
  });

  it('say whose markers a repartition topic holds, and which topics their state is in', () => {
    const [first, second] = planned({ steps: [windowBy(['k'])], from: ['in', 'in2'] });
    expect(first).toMatchObject({ stateful: false, timed: true, units: ['in', 'in2'], changelog: 'ns.logs.s.changelog' });
    expect(second?.inputs[0]?.upstream).toEqual(['in', 'in2']);
    expect(second).toMatchObject({ stateful: true, units: ['s.window'], changelog: 'ns.logs.s.window.changelog' });
    const [plain] = planned({ steps: [changing] });
    expect(plain).toMatchObject({ timed: false, stateful: false });
    expect(plain).not.toHaveProperty('changelog');
  });

  it('say where they rely on one partition', () => {
    const topics = [topicNode('in', { partitions: 1 })];
    const single = (given: Given): boolean[] => planned(given).map((stage) => stage.single);
    expect(single({ steps: [windowBy(['k'])], topics })).toEqual([true]);
    expect(single({ steps: [windowBy(undefined)], topics })).toEqual([true]);
    expect(single({ steps: [windowBy(['$key'])], topics })).toEqual([false]);
    expect(single({ steps: [windowBy(['k'])], topics, sources: [keyedBy('{{ k }}')] })).toEqual([false]);
  });

  it('hold groups by the Kafka key of any kind to nothing', () => {
    const byKey: Grouping = { by: 'key' };
    const [stage] = planned({ steps: [operatorNode(() => ({}))] });
    const [element] = stage?.elements ?? [];
    expect(element).toMatchObject({ kind: 'operator', checksKey: false });
    if (element?.kind === 'operator') expect(element.step.definition.state.grouping({}, 'main')).toEqual(byKey);
  });
});

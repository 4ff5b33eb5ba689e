import { describe, expect, it } from 'vitest';
import { checkGraph, type NodeDraft } from './graph-check.ts';

const topic = (name: string, external = false): { name: string; external: boolean; at: string } => ({
  name,
  external,
  at: `topic ${name}`,
});

function stream(name: string, from: string[], to: string[], more: Partial<NodeDraft<string>> = {}): NodeDraft<string> {
  const refs = (topics: string[], role: string): { topic: string; at: string }[] =>
    topics.map((each) => ({ topic: each, at: `${name} ${role} ${each}` }));
  return {
    kind: 'stream',
    name,
    at: name,
    from: refs(from, 'from'),
    joined: [],
    to: refs(to, 'to'),
    complete: true,
    needsTo: false,
    ...more,
  };
}

const codes = (topics: string[], nodes: NodeDraft<string>[]): string[] =>
  checkGraph({ topics: topics.map((name) => topic(name.replace('*', ''), name.endsWith('*'))), nodes, mentions: [] }).map(
    ({ code, at }) => `${code} at ${at}`,
  );

describe('checkGraph', () => {
  it('accepts a graph that splits and joins again', () => {
    const nodes = [
      stream('split', ['in'], ['a', 'b']),
      stream('one', ['a'], ['c']),
      stream('two', ['b'], ['c']),
      stream('join', ['c', 'a'], ['out']),
    ];
    expect(codes(['in*', 'a', 'b', 'c', 'out'], nodes)).toEqual([]);
  });

  it('finds a cycle once, wherever the walk begins', () => {
    const nodes = [stream('back', ['c'], ['a']), stream('x', ['a', 'in'], ['b']), stream('y', ['b'], ['c'])];
    expect(codes(['in*', 'a', 'b', 'c'], nodes).filter((code) => code.startsWith('GRAPH_CYCLE'))).toHaveLength(1);
  });

  it('follows what joins read', () => {
    const joined = [{ topic: 'b', at: 'x joins b' }];
    expect(codes(['in*', 'b', 'out'], [stream('x', ['in'], ['out'], { joined })])).toEqual([
      'GRAPH_UNWRITTEN_TOPIC at x joins b',
    ]);
    expect(codes(['in*', 'b*', 'out'], [stream('x', ['in'], ['out'], { joined })])).toEqual([]);
    const back = [stream('x', ['in'], ['out'], { joined }), stream('y', ['out'], ['b'])];
    expect(codes(['in*', 'b', 'out'], back)).toEqual(['GRAPH_CYCLE at x to out']);
  });

  it('does not guess who writes a topic while some node could not be read', () => {
    expect(codes(['a', 'b'], [stream('x', ['a'], ['b'])])).toEqual(['GRAPH_UNWRITTEN_TOPIC at x from a']);
    expect(codes(['a', 'b'], [stream('x', ['a'], ['b']), stream('broken', [], [], { complete: false })])).toEqual([]);
  });

  it('walks graphs with very many paths in linear time', () => {
    const layers = 200;
    const topics = ['t0*', ...Array.from({ length: layers }, (_, i) => [`t${i + 1}`])].flat();
    const nodes = Array.from({ length: layers }, (_, i) => [
      stream(`a${i}`, [`t${i}`], [`t${i + 1}`]),
      stream(`b${i}`, [`t${i}`], [`t${i + 1}`]),
    ]).flat();
    expect(codes(topics, nodes)).toEqual([]);
  });
});

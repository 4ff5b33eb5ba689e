import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPipelineWithPlugins } from '../../src/plugins/index.ts';
import type { JsonObject } from '../../src/record/json.ts';
import { explain } from '../../src/testing/commands.ts';
import { registry } from '../golden/registry.ts';
import { PLUGINS } from '../support/plugged.ts';
import { hostile } from '../support/plugins/hostile.ts';

async function explained(steps: string, values: readonly JsonObject[]) {
  const yaml = `pipeline: explained
plugins: [ ./trouble.ts ]
topics: { in: { external: true }, out: {} }
streams: { s: { from: in, steps: [ ${steps} ], to: out } }
`;
  const environment = { variables: {}, readFile: () => yaml };
  const { loaded } = await loadPipelineWithPlugins(join(PLUGINS, 'p.yaml'), registry, environment);
  if (!loaded.ok) throw new Error(loaded.diagnostics.map(({ message }) => message).join('\n'));
  const inputs = values.map((value) => ({ kind: 'topic', topic: 'in', record: { value } }) as const);
  return explain(loaded.pipeline, { inputs, now: 0, advance: 60_000 });
}

/** What a processor does with a record that nothing can come of. */
const TROUBLES = [
  'throws',
  'rejects',
  'tries again in vain',
  'gives nothing, not even null',
  'gives a number',
  'gives a list of rubbish',
];
const THROWN = Object.keys(hostile).map((name) => `throws ${name}`);

describe('the code that an explanation shows at a step', () => {
  it.each([
    ['a processor', '{ trouble-each: {} }', 'do', [...TROUBLES, ...THROWN]],
    ['a step', '{ trouble-step: {} }', 'do', ['throws', 'gives a number', 'rejects', ...THROWN]],
    ['a step that waits', '{ trouble-async: {} }', 'do', ['throws', 'rejects', 'gives too few', ...THROWN]],
    ['a function', '{ map: "x = bad(what)" }', 'what', ['throws', 'gives a cycle', ...THROWN]],
    ['a parser', '{ parse: { format: trouble, keep_original: false } }', 'message', ['throws', 'gives nothing', ...THROWN]],
  ])('is that of the dead letter: %s', async (_, steps, field, troubles) => {
    const { nodes, deadLetters, problems } = await explained(
      steps,
      troubles.map((trouble) => ({ [field]: trouble })),
    );
    expect(problems).toEqual([]);
    expect(deadLetters.map(({ value }) => (value as JsonObject)[field])).toEqual(troubles);
    const visits = nodes.flatMap(({ journeys }) => journeys.flatMap(({ visits: each }) => each));
    expect(visits.map(({ outcome }) => outcome)).toEqual(troubles.map(() => 'rejected'));
    expect(visits.map(({ code }, i) => [troubles[i], code])).toEqual(deadLetters.map(({ code }, i) => [troubles[i], code]));
  });
});

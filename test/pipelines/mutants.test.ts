import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isMap, isSeq, parseDocument, type YAMLSeq } from 'yaml';
import type { TestFile } from '../../src/config/index.ts';
import { runTest } from '../../src/testing/index.ts';
import { pipelineOfTests, pipelineTests } from '../support/pipeline-tests.ts';

/** A step of a pipeline file: `streams.parse.steps[1]`. */
interface StepPlace {
  readonly section: string;
  readonly node: string;
  readonly step: number;
}

function stepsIn(text: string): StepPlace[] {
  const document = parseDocument(text);
  return ['sources', 'streams', 'sinks'].flatMap((section) => {
    const nodes = document.get(section);
    if (!isMap(nodes)) return [];
    return nodes.items.flatMap(({ key }) => {
      const node = String(key);
      const steps = document.getIn([section, node, 'steps']);
      return isSeq(steps) ? steps.items.map((_, step) => ({ section, node, step })) : [];
    });
  });
}

function without(text: string, { section, node, step }: StepPlace): string {
  const document = parseDocument(text);
  (document.getIn([section, node, 'steps']) as YAMLSeq).delete(step);
  return document.toString({ lineWidth: 0 });
}

/** Whether some test notices that the step is missing; a file that does not load any more is noticed at once. */
async function isNoticed(tests: TestFile, place: StepPlace): Promise<boolean> {
  const mutant = pipelineOfTests(tests, (text) => without(text, place));
  if (mutant === undefined) return true;
  for (const test of tests.tests) {
    if ((await runTest(test, tests, mutant)).failures.length > 0) return true;
  }
  return false;
}

describe.each([...pipelineTests()])('%s', (_name, tests) => {
  const places = stepsIn(readFileSync(tests.pipeline, 'utf8')).map((place) => ({
    place,
    title: `${place.section}.${place.node}.steps[${place.step}]`,
  }));

  it('passes', async () => {
    const pipeline = pipelineOfTests(tests);
    if (pipeline === undefined) throw new Error('the pipeline does not load');
    const results: [string, unknown][] = [];
    for (const test of tests.tests) results.push([test.name, (await runTest(test, tests, pipeline)).failures]);
    expect(results).toEqual(tests.tests.map(({ name }) => [name, []]));
  });

  it.each(places)('notices that $title is missing', async ({ place }) => {
    expect(await isNoticed(tests, place)).toBe(true);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isMap, isSeq, parseDocument, type YAMLSeq } from 'yaml';
import type { TestFile } from '../../src/config/index.ts';
import { runTest } from '../../src/testing/pipeline/run-test.ts';
import { pipelineOfTests, pipelineTests } from '../support/pipeline-tests.ts';

const PIPELINES = fileURLToPath(new URL('../../pipelines', import.meta.url));

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
async function isNoticed(files: readonly TestFile[], place: StepPlace): Promise<boolean> {
  for (const tests of files) {
    const mutant = pipelineOfTests(tests, (text) => without(text, place));
    if (mutant === undefined) return true;
    for (const test of tests.tests) {
      if ((await runTest(test, tests, mutant)).failures.length > 0) return true;
    }
  }
  return false;
}

/** The test files of each pipeline, by its path. */
function testsByPipeline(): [string, TestFile[]][] {
  const files = new Map<string, TestFile[]>();
  for (const tests of pipelineTests().values()) files.set(tests.pipeline, [...(files.get(tests.pipeline) ?? []), tests]);
  return [...files].map(([pipeline, tests]) => [relative(PIPELINES, pipeline), tests]);
}

describe.each(testsByPipeline())('%s', (name, files) => {
  const places = stepsIn(readFileSync(join(PIPELINES, name), 'utf8')).map((place) => ({
    place,
    title: `${place.section}.${place.node}.steps[${place.step}]`,
  }));

  it('passes its tests', async () => {
    const failed: unknown[] = [];
    for (const tests of files) {
      const pipeline = pipelineOfTests(tests);
      if (pipeline === undefined) throw new Error('the pipeline does not load');
      for (const test of tests.tests) {
        const { failures } = await runTest(test, tests, pipeline);
        if (failures.length > 0) failed.push([test.name, failures]);
      }
    }
    expect(failed).toEqual([]);
  });

  it.each(places)('notices that $title is missing', async ({ place }) => {
    expect(await isNoticed(files, place)).toBe(true);
  });
});

describe('the pipelines', () => {
  const written = readdirSync(PIPELINES, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml') && !name.endsWith('.test.yaml'))
    .sort();

  it('all have tests, at least 60', () => {
    expect(
      testsByPipeline()
        .map(([name]) => name)
        .sort(),
    ).toEqual(written);
    expect([...pipelineTests().values()].reduce((sum, { tests }) => sum + tests.length, 0)).toBeGreaterThanOrEqual(60);
  });
});

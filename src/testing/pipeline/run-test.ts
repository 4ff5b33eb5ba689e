import type { GivenStep, TestCase, TestFile } from '../../config/index.ts';
import { reasonOf } from '../../errors/index.ts';
import type { Pipeline } from '../../topology/types.ts';
import type { Tracer } from '../trace/step-event.ts';
import { checkDeadLetters, checkExpectation, checkMetrics, checkProblems, type Failure } from './check-expectation.ts';
import { PipelineRun } from './pipeline-run.ts';

/** What became of a test. */
export interface TestResult {
  readonly name: string;
  readonly line: number;
  readonly failures: readonly Failure[];
  /** What the tasks have logged of trouble. */
  readonly log: readonly string[];
}

/** Runs one test over its pipeline, from the beginning. `tracer` is told what steps do. */
export async function runTest(
  test: TestCase,
  { now, partitions }: Pick<TestFile, 'now' | 'partitions'>,
  pipeline: Pipeline,
  tracer?: Tracer,
): Promise<TestResult> {
  const { name, line, http, replies } = test;
  let run: PipelineRun;
  try {
    run = await PipelineRun.start(pipeline, { now, partitions, http, replies, ...(tracer === undefined ? {} : { tracer }) });
  } catch (error) {
    return { name, line, failures: [{ line, what: 'start', details: [reasonOf(error)] }], log: [] };
  }
  try {
    const failures = (await give(run, test.given)) ?? check(run, test);
    return { name, line, failures, log: run.log };
  } finally {
    await run.stop();
  }
}

/** Plays the steps; what stops at one of them is given back. */
async function give(run: PipelineRun, steps: readonly GivenStep[]): Promise<Failure[] | undefined> {
  for (const step of steps) {
    try {
      await giveStep(run, step);
    } catch (error) {
      return [{ line: step.line, what: `given ${step.kind}`, details: [reasonOf(error)] }];
    }
  }
  return undefined;
}

async function giveStep(run: PipelineRun, step: GivenStep): Promise<void> {
  if (step.kind === 'advance') return run.advance(step.ms);
  if (step.kind === 'topic') return run.produce(step.topic, step.records);
  const { source, path, text } = step;
  await run.feed(source, text === undefined ? undefined : { ...(path === undefined ? {} : { path }), bytes: Buffer.from(text) });
}

function check(run: PipelineRun, test: TestCase): Failure[] {
  return [
    ...checkProblems(test.problems, run.problems(), test.line),
    ...test.topics.flatMap((expectation) => {
      const records = run.topic(expectation.name);
      const actual = { values: records.map(({ value }) => value), keys: records.map(({ key }) => key ?? null) };
      return checkExpectation(`topic ${expectation.name}`, expectation, actual);
    }),
    ...test.sinks.flatMap((expectation) =>
      checkExpectation(`sink ${expectation.name}`, expectation, { values: run.sink(expectation.name) }),
    ),
    ...checkDeadLetters(test.deadLetters, run.deadLetters(), test.line),
    ...checkMetrics(test.metrics, run.metrics()),
  ].sort((a, b) => a.line - b.line);
}

import { writeFileSync } from 'node:fs';
import type { TestCase } from '../config/index.ts';
import { PluginFaults } from '../plugins/index.ts';
import type { Coverage, TestResult, Tracer } from '../testing/commands.ts';
import type { Pipeline } from '../topology/types.ts';
import { Exit, ExitError } from './exit.ts';
import { findTests } from './find-tests.ts';
import { junitReport } from './junit-report.ts';
import { type LoadedTests, loadTests } from './load-tests.ts';
import { withKnownPatterns } from './pattern-cache.ts';
import { KeptStrayErrors } from './stray-errors.ts';
import { coverageText, indented, summaryText } from './test-report.ts';

export interface TestOptions {
  readonly filter?: string;
  readonly reporter: 'text' | 'junit';
  readonly output?: string;
  readonly coverage?: boolean;
}

/** The results of one test file, in the order of its tests. */
export interface FileResult {
  readonly file: string;
  readonly results: readonly TestResult[];
}

/** `millrace test`: runs the tests of pipelines, each over its whole pipeline in memory. */
export function test(paths: readonly string[], options: TestOptions): Promise<number> {
  return withKnownPatterns(() => runTests(paths, options));
}

async function runTests(paths: readonly string[], options: TestOptions): Promise<number> {
  const faults = new PluginFaults();
  const strays = new KeptStrayErrors(faults);
  const files = await loadAll(findTests(paths.length === 0 ? ['.'] : paths), faults);
  if (files.some((file) => file === undefined)) throw new ExitError(Exit.invalid);
  // Loaded here, for no other command needs the test kit.
  const kit = await import('../testing/commands.ts');
  const wanted = ({ name }: TestCase): boolean => options.filter === undefined || name.includes(options.filter);
  const text = options.reporter === 'text';
  const all: FileResult[] = [];
  const coverage = new Map<string, Coverage>();
  // The tests of a pipeline may be spread over several files.
  const coverageOf = (pipeline: Pipeline): Tracer => {
    const known = coverage.get(pipeline.file) ?? new kit.Coverage(pipeline);
    coverage.set(pipeline.file, known);
    return known.tracer;
  };
  for (const { tests, pipeline } of files as LoadedTests[]) {
    const chosen = tests.tests.filter(wanted);
    if (chosen.length === 0) continue;
    if (text) print(`${tests.file}\n`);
    const results: TestResult[] = [];
    const tracer = options.coverage === true ? coverageOf(pipeline) : undefined;
    for (const each of chosen) {
      const result = withStrays(await kit.runTest(each, tests, pipeline, tracer), await strays.take());
      results.push(result);
      if (text)
        print(
          `${result.failures.length === 0 ? '  ok    ' : '  FAIL  '}${result.name}\n${indented(kit.failureText(tests.file, result))}`,
        );
    }
    all.push({ file: tests.file, results });
  }
  strays.end();
  if (all.length === 0) throw new ExitError(Exit.usage, `no test has ${JSON.stringify(options.filter)} in its name`);
  if (options.coverage === true) print(coverageText(new Map([...coverage].map(([file, { steps }]) => [file, steps]))));
  if (text) print(summaryText(all));
  else report(junitReport(all, kit.failureText), options.output);
  return all.some(({ results }) => results.some(({ failures }) => failures.length > 0)) ? Exit.invalid : Exit.done;
}

/** A plugin that throws where nobody waits for it fails the test that was under way. */
function withStrays(result: TestResult, strays: readonly string[]): TestResult {
  if (strays.length === 0) return result;
  return { ...result, failures: [...result.failures, { line: result.line, what: 'plugin', details: strays }] };
}

function print(text: string): void {
  process.stdout.write(text);
}

function report(text: string, output: string | undefined): void {
  if (output === undefined) print(text);
  else writeFileSync(output, text);
}

/** The files one after the other: their plugins share modules. */
async function loadAll(files: readonly string[], faults: PluginFaults): Promise<(LoadedTests | undefined)[]> {
  const loaded: (LoadedTests | undefined)[] = [];
  for (const file of files) loaded.push(await loadTests(file, faults));
  return loaded;
}

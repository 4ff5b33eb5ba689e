import { writeFileSync } from 'node:fs';
import { checkTestFile, type Diagnostic, type Environment, loadTestFile, type TestCase, type TestFile } from '../config/index.ts';
import { loadPipelineWithPlugins } from '../plugins/index.ts';
import type { Coverage, TestResult, Tracer } from '../testing/commands.ts';
import type { Pipeline } from '../topology/types.ts';
import { Exit, ExitError, environment, printDiagnostics, registry } from './context.ts';
import { findTests } from './find-tests.ts';
import { junitReport } from './junit-report.ts';
import { withKnownPatterns } from './pattern-cache.ts';
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

interface Loaded {
  readonly tests: TestFile;
  readonly pipeline: Pipeline;
}

/** `millrace test`: runs the tests of pipelines, each over its whole pipeline in memory. */
export async function test(paths: readonly string[], options: TestOptions): Promise<number> {
  const files = await withKnownPatterns(() => loadAll(findTests(paths.length === 0 ? ['.'] : paths)));
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
  for (const { tests, pipeline } of files as Loaded[]) {
    const chosen = tests.tests.filter(wanted);
    if (chosen.length === 0) continue;
    if (text) print(`${tests.file}\n`);
    const results: TestResult[] = [];
    const tracer = options.coverage === true ? coverageOf(pipeline) : undefined;
    for (const each of chosen) {
      const result = await kit.runTest(each, tests, pipeline, tracer);
      results.push(result);
      if (text)
        print(
          `${result.failures.length === 0 ? '  ok    ' : '  FAIL  '}${result.name}\n${indented(kit.failureText(tests.file, result))}`,
        );
    }
    all.push({ file: tests.file, results });
  }
  if (all.length === 0) throw new ExitError(Exit.usage, `no test has ${JSON.stringify(options.filter)} in its name`);
  if (options.coverage === true) print(coverageText(new Map([...coverage].map(([file, { steps }]) => [file, steps]))));
  if (text) print(summaryText(all));
  else report(junitReport(all, kit.failureText), options.output);
  return all.some(({ results }) => results.some(({ failures }) => failures.length > 0)) ? Exit.invalid : Exit.done;
}

function print(text: string): void {
  process.stdout.write(text);
}

function report(text: string, output: string | undefined): void {
  if (output === undefined) print(text);
  else writeFileSync(output, text);
}

/** The files one after the other: their plugins share modules. */
async function loadAll(files: readonly string[]): Promise<(Loaded | undefined)[]> {
  const loaded: (Loaded | undefined)[] = [];
  for (const file of files) loaded.push(await load(file));
  return loaded;
}

/** A test file with its pipeline; prints what is wrong with either. */
async function load(file: string): Promise<Loaded | undefined> {
  const read = loadTestFile(file, { ...environment, variables: {} });
  if (!read.ok) return complain(read.diagnostics);
  const { tests } = read;
  const own: Environment = { ...environment, variables: tests.variables };
  const { loaded } = await loadPipelineWithPlugins(tests.pipeline, registry, own);
  if (!loaded.ok) return complain(loaded.diagnostics);
  const wrong = checkTestFile(tests, loaded.pipeline);
  return wrong.length > 0 ? complain(wrong) : { tests, pipeline: loaded.pipeline };
}

function complain(diagnostics: readonly Diagnostic[]): undefined {
  printDiagnostics(diagnostics);
}

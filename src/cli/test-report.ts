import { relative } from 'node:path';
import type { StepCoverage } from '../testing/commands.ts';
import { counted } from './progress.ts';
import type { FileResult } from './test.ts';

const INDENT = ' '.repeat(8);

/** What is wrong with a test, below its name. */
export function indented(text: string): string {
  return text === '' ? '' : `${text.replaceAll(/^/gm, INDENT)}\n`;
}

/** The last lines of a report. There is no time in it, so that two runs read the same. */
export function summaryText(files: readonly FileResult[]): string {
  const results = files.flatMap((file) => file.results);
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  const passed = results.length - failed;
  return `${counted(results.length, 'test')} in ${counted(files.length, 'file')}: ${passed} passed, ${failed} failed\n`;
}

const COLUMNS = ['seen', 'changed', 'dropped', 'rejected', 'routed', 'made'] as const;

/** Which steps the tests have reached, and what these did there. */
export function coverageText(pipelines: ReadonlyMap<string, readonly StepCoverage[]>): string {
  const all = [...pipelines.values()].flat();
  const width = Math.max(4, ...all.map(({ name }) => name.length));
  const row = (name: string, cells: readonly (string | number)[]): string =>
    `  ${name.padEnd(width)}${cells.map((cell) => String(cell).padStart(10)).join('')}\n`;
  const tables = [...pipelines].map(([file, steps]) => {
    const rows = steps.map((step) =>
      row(
        step.name,
        COLUMNS.map((column) => step[column]),
      ),
    );
    return `${relative('.', file)}\n${row('step', COLUMNS)}${rows.join('')}`;
  });
  const missed = [...pipelines].flatMap(([file, steps]) =>
    steps.filter(({ seen }) => seen === 0).map(({ name }) => `not reached by any test: ${relative('.', file)}: ${name}\n`),
  );
  const reached = all.filter(({ seen }) => seen > 0).length;
  return `${tables.join('')}${missed.join('')}${reached} of ${counted(all.length, 'step')} reached\n`;
}

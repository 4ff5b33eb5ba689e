import type { TestResult } from '../testing/commands.ts';
import type { FileResult } from './test.ts';

type FailureText = (file: string, result: TestResult) => string;

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** Test results as CI systems read them. */
export function junitReport(files: readonly FileResult[], failureText: FailureText): string {
  const suites = files.map(({ file, results }) => {
    const cases = results.map((result) => caseText(file, result, failureText)).join('');
    return `  <testsuite name="${xml(file)}" ${countsOf(results)}>\n${cases}  </testsuite>\n`;
  });
  const all = files.flatMap(({ results }) => results);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="millrace test" ${countsOf(all)}>\n${suites.join('')}</testsuites>\n`;
}

function countsOf(results: readonly TestResult[]): string {
  return `tests="${results.length}" failures="${results.filter(({ failures }) => failures.length > 0).length}"`;
}

function caseText(file: string, result: TestResult, failureText: FailureText): string {
  const { name, line, failures } = result;
  const head = `    <testcase classname="${xml(file)}" name="${xml(name)}" file="${xml(file)}" line="${line}"`;
  const [first] = failures;
  if (first === undefined) return `${head}/>\n`;
  const message = xml(`${first.what}: ${first.details[0] ?? ''}`);
  return `${head}>\n      <failure message="${message}">${xml(failureText(file, result))}</failure>\n    </testcase>\n`;
}

/** Control characters have no place in XML at all. */
function xml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] as string).replaceAll(/[^\P{Cc}\n\t]/gu, '\uFFFD');
}

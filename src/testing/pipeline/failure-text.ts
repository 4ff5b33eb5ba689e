import type { TestResult } from './run-test.ts';

/** What is wrong with a test, for people: where the expectation stands, and what differs from it. A line each, without a line break at the end. */
export function failureText(file: string, { failures, log }: Pick<TestResult, 'failures' | 'log'>): string {
  if (failures.length === 0) return '';
  const lines = failures.flatMap(({ line, what, details }, i) => {
    const before = failures[i - 1];
    const head = before?.line === line && before.what === what ? [] : [`${file}:${line}: ${what}`];
    return [...head, ...details.map((detail) => `  ${detail}`)];
  });
  return [...lines, ...log.map((line) => `log: ${line}`)].join('\n');
}

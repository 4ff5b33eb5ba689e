// Prints how many tests passed and failed, as the last line of a CI run: node .ci/summary.mjs <vitest's JSON report> <failed step>...
// A failed step counts as one failure where no test says so, and so does a file that broke before its first test.
import { readFileSync } from 'node:fs';

const [report, ...failedSteps] = process.argv.slice(2);

function readResults() {
  try {
    return JSON.parse(readFileSync(report, 'utf8')).testResults;
  } catch {
    return [];
  }
}

let passed = 0;
let failed = 0;
let leftOut = 0;
for (const { name, status, message, assertionResults } of readResults()) {
  const failures = assertionResults.filter((test) => test.status === 'failed');
  passed += assertionResults.filter((test) => test.status === 'passed').length;
  leftOut += assertionResults.filter((test) => !['passed', 'failed'].includes(test.status)).length;
  failed += failures.length;
  for (const test of failures) process.stdout.write(`failed: ${test.fullName} (${name})\n`);
  if (status === 'failed' && failures.length === 0) {
    failed += 1;
    process.stdout.write(`failed: ${name}: ${message}\n`);
  }
}
for (const step of failedSteps) {
  process.stdout.write(`failed step: ${step}\n`);
  if (!step.startsWith('npm test') || failed === 0) failed += 1;
}
if (passed === 0 && failed === 0) {
  process.stdout.write('failed: no test ran\n');
  failed = 1;
}
if (leftOut > 0) process.stdout.write(`${leftOut} left out\n`);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;

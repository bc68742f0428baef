// Reads jest's JSON report, and that of the suites that were run again; fails when a test failed (each time that it ran),
// was skipped, or a suite ran none. Last line: what passed and failed.
const { existsSync, readFileSync } = require('node:fs');

const [, , reportFile, jestStatus, againFile] = process.argv;
const report = JSON.parse(readFileSync(reportFile, 'utf8'));
const again = existsSync(againFile) ? JSON.parse(readFileSync(againFile, 'utf8')).testResults : [];
const secondRuns = new Map(again.map((suite) => [suite.name, suite]));

const faults = [];
let passed = 0;
let failed = 0;
for (const first of report.testResults) {
  const suite = secondRuns.get(first.name) ?? first;
  if (suite.assertionResults.length === 0) faults.push(`${suite.name}: no test ran`);
  for (const test of suite.assertionResults) {
    if (test.status === 'passed') passed += 1;
    else if (test.status === 'failed') failed += 1;
    else faults.push(`${suite.name}: ${test.status}: ${test.fullName}`);
  }
  if (suite !== first && suite.status === 'passed') {
    const names = first.assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName }) => fullName);
    process.stdout.write(`only when run again, alone: ${first.name}: ${names.join('; ') || first.message}\n`);
  }
}
if (report.testResults.length === 0) faults.push('no test ran');
if (Number(jestStatus) !== 0 && failed === 0 && faults.length === 0 && secondRuns.size === 0)
  faults.push(`jest ended with status ${jestStatus}`);
for (const fault of faults) process.stdout.write(`${fault}\n`);

// A suite that could not even be loaded counts as a failure of its own.
failed += faults.length;
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

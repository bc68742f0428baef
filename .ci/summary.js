// Reads jest's JSON report; fails when a test failed, was skipped, or a suite ran none. Last line: what passed and failed.
const { readFileSync } = require('node:fs');

const [, , reportFile, jestStatus] = process.argv;
const report = JSON.parse(readFileSync(reportFile, 'utf8'));
const faults = [];

for (const suite of report.testResults) {
  if (suite.assertionResults.length === 0) faults.push(`${suite.name}: no test ran`);
  for (const test of suite.assertionResults) {
    if (test.status !== 'passed' && test.status !== 'failed')
      faults.push(`${suite.name}: ${test.status}: ${test.fullName}`);
  }
}
if (report.numTotalTests === 0) faults.push('no test ran');
if (Number(jestStatus) !== 0 && report.numFailedTests === 0)
  faults.push(`jest ended with status ${jestStatus}`);
for (const fault of faults) process.stdout.write(`${fault}\n`);

// A suite that could not even be loaded counts as a failure of its own.
const failed = report.numFailedTests + faults.length;
process.stdout.write(`${report.numPassedTests} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

// Reads jest's JSON report; prints the suites that failed, a line each, and none when they are too many to be chance.
const { readFileSync } = require('node:fs');

const MOST_BY_CHANCE = 6;

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const failed = report.testResults.filter((suite) => suite.status === 'failed').map((suite) => suite.name);
if (failed.length <= MOST_BY_CHANCE) for (const name of failed) process.stdout.write(`${name}\n`);

import { readFileSync } from 'node:fs';
import { executionCodes } from '../../gateway/execution/codes.js';
import { ERROR_CODES } from '../../platform/errors.js';
import { assetPath } from '../../platform/readAsset.js';
import { tableUnder } from '../support/markdownTable.js';

const page = readFileSync(assetPath('docs/errors.md'), 'utf8');

describe('docs/errors.md', () => {
  it('shows the table of codes as it is in the code', () => {
    expect(tableUnder(page, 'Codes')).toEqual(
      Object.entries(ERROR_CODES).map(([name, { status, meaning }]) => ({
        Code: `\`${name}\``,
        HTTP: String(status),
        Meaning: meaning,
      })),
    );
  });

  it('shows every code that the executor makes, with what it means', () => {
    const rows = tableUnder(page, 'Codes of the executor');
    expect(rows.map(({ Code }) => Code)).toEqual(Object.values(executionCodes).map((code) => `\`${code}\``));
    for (const { Meaning } of rows) expect(Meaning).toMatch(/\w{3}/);
  });
});

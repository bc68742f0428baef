import { readFileSync } from 'node:fs';
import { CLOSE_CODES } from '../../gateway/streaming/closeCodes.js';
import { assetPath } from '../../platform/readAsset.js';
import { tableUnder } from '../support/markdownTable.js';

const page = readFileSync(assetPath('docs/subscriptions.md'), 'utf8');

describe('docs/subscriptions.md', () => {
  it('shows the table of close codes as it is in the code', () => {
    expect(tableUnder(page, 'Close codes')).toEqual(
      Object.values(CLOSE_CODES).map(({ code, reconnect, meaning }) => ({
        Code: String(code),
        Again: reconnect ? 'yes' : 'no',
        Meaning: meaning,
      })),
    );
  });
});

import { tableUnder } from './markdownTable.js';

const PAGE = `# Page

## First

| A | B |
| - | - |
| 1 | \`x \\| y\` |

## Second

Nothing here.
`;

describe('a table of a page', () => {
  it('is read by the titles of its columns', () => {
    expect(tableUnder(PAGE, 'First')).toEqual([{ A: '1', B: '`x | y`' }]);
  });

  it('must be under its own heading', () => {
    expect(() => tableUnder(PAGE, 'Second')).toThrow('no table under "Second"');
    expect(() => tableUnder(PAGE, 'Third')).toThrow('no heading "Third"');
  });
});

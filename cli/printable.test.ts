import { printable } from './printable.js';

describe('what is printed', () => {
  it('moves no cursor and changes no title, and keeps lines and every letter', () => {
    expect(printable('a\u001b[2Jb\u009b1Ac\rd\u0007')).toBe('a\ufffd[2Jb\ufffd1Ac\ufffdd\ufffd');
    expect(printable('{\n\t"name": "東京 Zürich €"\n}')).toBe('{\n\t"name": "東京 Zürich €"\n}');
  });
});

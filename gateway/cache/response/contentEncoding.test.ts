import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { compress, negotiateEncoding } from './contentEncoding.js';

describe('negotiateEncoding', () => {
  it.each([
    ['no header', undefined, 'identity'],
    ['both', 'gzip, br', 'br'],
    ['gzip alone', 'gzip', 'gzip'],
    ['anything', '*', 'br'],
    ['br refused', 'br;q=0, gzip;q=0.5', 'gzip'],
    ['all refused', '*;q=0', 'identity'],
    ['what we do not have', 'zstd, deflate', 'identity'],
    ['garbage', ';;q=,,=', 'identity'],
  ])('with %s', (_what, header, expected) => {
    for (let again = 0; again < 2; again++) expect(negotiateEncoding(header)).toBe(expected);
  });
});

describe('compress', () => {
  const bytes = Buffer.from('{"a":"ä"}'.repeat(500));
  it('makes bytes that give the same answer back', async () => {
    expect(gunzipSync(await compress(bytes, 'gzip'))).toEqual(bytes);
    expect(brotliDecompressSync(await compress(bytes, 'br'))).toEqual(bytes);
  });
});

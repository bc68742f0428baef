import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { CacheRecord } from '../cacheTier.js';
import { type ContentEncoding, compress } from './contentEncoding.js';
import { encodeBody, PreparedResponse } from './preparedResponse.js';

jest.mock('./contentEncoding', () => {
  const actual = jest.requireActual('./contentEncoding');
  return { ...actual, compress: jest.fn(actual.compress) };
});

const record: CacheRecord = {
  body: encodeBody('application/json', JSON.stringify({ data: 'x'.repeat(5_000) })),
  tags: ['subgraph:products'],
  createdAt: 0,
  freshUntil: 1,
  staleUntil: 1,
  errorUntil: 1,
  scope: 'public',
};

describe('a prepared response', () => {
  it.each(['br', 'gzip'] as const)(
    'is a text of the same bytes where %s makes it short',
    async (encoding) => {
      const { body, length } = await new PreparedResponse(record).representation(encoding);
      if (typeof body !== 'string') throw new Error('not a text');
      const bytes = Buffer.from(body, 'latin1');
      expect(length).toBe(bytes.length);
      const decompressed = encoding === 'br' ? brotliDecompressSync(bytes) : gunzipSync(bytes);
      expect(encodeBody('application/json', decompressed.toString())).toBe(record.body);
    },
  );

  it('that cannot be compressed is sent as it is, and compressed for the next one', async () => {
    const grown: number[] = [];
    const prepared = new PreparedResponse(record, (bytes) => grown.push(bytes));
    jest.mocked(compress).mockRejectedValueOnce(new Error('Insufficient memory'));
    const asked = [prepared.representation('br'), prepared.representation('br')];
    const encodings: ContentEncoding[] = (await Promise.all(asked)).map(({ encoding }) => encoding);
    expect(encodings).toEqual(['identity', 'identity']);
    expect(grown).toEqual([]);

    const compressed = await prepared.representation('br');
    expect(compressed.encoding).toBe('br');
    expect(grown).toEqual([compressed.length]);
    expect(prepared.representation('br')).toBe(compressed);
  });
});

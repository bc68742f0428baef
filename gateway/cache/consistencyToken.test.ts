import { formatOperationTime } from '../../platform/database/operationTime.js';
import { ConsistencyToken, formatConsistencyToken, parseConsistencyToken } from './consistencyToken.js';

const SECRET = 'a secret of all replicas';
const at = (cluster: string, time: number) => formatOperationTime(cluster, BigInt(time));

describe('a consistency token', () => {
  it('comes back as it was sent', () => {
    const token = ConsistencyToken.EMPTY.with(at('shop', 5), at('stock', 7));
    const parsed = parseConsistencyToken(formatConsistencyToken(token, SECRET), SECRET);
    expect([...parsed.times]).toEqual([
      ['shop', at('shop', 5)],
      ['stock', at('stock', 7)],
    ]);
  });

  it('keeps the later time of each cluster', () => {
    const token = ConsistencyToken.EMPTY.with(at('shop', 5), at('stock', 7)).with(
      at('shop', 3),
      at('stock', 9),
    );
    expect(Object.fromEntries(token.times)).toEqual({ shop: at('shop', 5), stock: at('stock', 9) });
  });

  it('is not changed by being added to', () => {
    const token = ConsistencyToken.EMPTY.with(at('shop', 5));
    token.with(at('shop', 6));
    expect(token.times.get('shop')).toBe(at('shop', 5));
    expect(ConsistencyToken.EMPTY.isEmpty).toBe(true);
  });

  it('stays small: the clusters heard of last are kept', () => {
    let token = ConsistencyToken.EMPTY.with(at('shop', 1));
    for (let boot = 0; boot < 100; boot++) token = token.with(at(`boot-${boot}`, 1), at('shop', boot));
    expect(token.times.size).toBe(8);
    expect(token.times.get('shop')).toBe(at('shop', 99));
    const longest = [...'abcdefgh'].map((letter) => at(letter.repeat(64), 1));
    const text = formatConsistencyToken(ConsistencyToken.EMPTY.with(...longest), SECRET);
    expect(parseConsistencyToken(text, SECRET).times.size).toBe(8);
  });

  it('is read together with others: of each cluster the latest, and a bad one spoils nothing', () => {
    const text = (cluster: string, time: number) =>
      formatConsistencyToken(ConsistencyToken.EMPTY.with(at(cluster, time)), SECRET);
    const header = [text('shop', 9), 'v1.bad.token', text('shop', 5), text('stock', 7)].join(', ');
    expect(Object.fromEntries(parseConsistencyToken(header, SECRET).times)).toEqual({
      shop: at('shop', 9),
      stock: at('stock', 7),
    });
  });

  it('is read from at most eight', () => {
    const tokens = Array.from({ length: 9 }, (_, index) =>
      formatConsistencyToken(ConsistencyToken.EMPTY.with(at('shop', index)), SECRET),
    );
    expect(parseConsistencyToken(tokens.join(','), SECRET).times.get('shop')).toBe(at('shop', 7));
  });

  const valid = formatConsistencyToken(ConsistencyToken.EMPTY.with(at('shop', 5)), SECRET);
  const [version, payload, signature] = valid.split('.') as [string, string, string];
  const forged = Buffer.from(at('shop', 999)).toString('base64url');
  it.each([
    ['nothing', undefined],
    ['an empty header', ''],
    ['something else', 'hello'],
    ['another secret', formatConsistencyToken(ConsistencyToken.EMPTY.with(at('shop', 5)), 'another')],
    ['other times under the same signature', `${version}.${forged}.${signature}`],
    ['no signature', `${version}.${payload}.`],
    ['half a signature', `${version}.${payload}.${signature.slice(0, 20)}`],
    ['another version', `v2.${payload}.${signature}`],
    ['something behind it', `${valid}.x`],
    ['a megabyte', 'v1.'.padEnd(1_000_000, 'A')],
  ])('is empty when it is %s', (_name, text) => {
    expect(parseConsistencyToken(text, SECRET).isEmpty).toBe(true);
  });
});

import { surelyQuery } from './surelyQuery.js';

describe('surelyQuery', () => {
  it.each([
    ['a query', '{"query":"{ a }"}', true],
    ['a named query with variables', '{"query":"query A($b: Int) { a(b: $b) }","variables":{"b":1}}', true],
    ['a mutation', '{"query":"mutation { a }"}', false],
    ['a subscription', '{"query":"subscription { a }"}', false],
    ['a mutation beside a query', '{"query":"query A { a } mutation B { b }","operationName":"A"}', false],
    ['a mutation behind an escape', '{"query":"m\\u0075tation { a }"}', false],
    [
      'an id alone, which may stand for anything',
      '{"extensions":{"persistedQuery":{"sha256Hash":"x"}}}',
      false,
    ],
    [
      'an id beside something else of that name',
      '{"variables":{"query":"shoes"},"extensions":{"persistedQuery":{"sha256Hash":"x"}}}',
      false,
    ],
    ['an id of another form', '{"variables":{"query":"shoes"},"documentId":"x"}', false],
    ['nothing', '', false],
  ])('decides about %s', (_what, body, expected) => {
    expect(surelyQuery(Buffer.from(body))).toBe(expected);
  });
});

import { createRandom } from '../../../test/support/execution/random.js';
import { createResponseKeys, type KeyedRequest } from './responseKeys.js';

const MEMORY_BYTES = 256 * 1024 * 1024;
const responseKeys = createResponseKeys(['x-market'], MEMORY_BYTES);

function keys(change: Partial<KeyedRequest> & { headers?: Record<string, string>; url?: string } = {}) {
  const { headers = {}, url = '/graphql', ...rest } = change;
  const request = { method: 'POST', url, headers };
  return responseKeys({ body: Buffer.from('{}'), schemaId: 's', identityKey: undefined, ...rest, request });
}

describe('createResponseKeys', () => {
  it('are the same for the same request', () => {
    expect(keys()).toEqual(keys());
  });

  it.each([
    ['the body', { body: Buffer.from('{ }') }],
    ['the URL', { url: '/graphql?a' }],
    ['the schema', { schemaId: 't' }],
    ['a header that subgraphs see', { headers: { 'x-market': 'fr' } }],
    ['the format asked for', { headers: { accept: 'application/graphql-response+json' } }],
    ['the content type, which decides about forged requests', { headers: { 'content-type': 'text/plain' } }],
  ])('differ with %s', (_what, change) => {
    expect(keys(change).shared).not.toBe(keys().shared);
  });

  it.each([
    ['short', Buffer.from('{}')],
    ['long', Buffer.alloc(100_000, 'x')],
  ])('are the same with a %s body for another process, which remembers other requests', (_what, body) => {
    const other = createResponseKeys(['x-market'], MEMORY_BYTES);
    const request = { method: 'POST', url: '/graphql', headers: {} };
    const french = { ...request, headers: { 'x-market': 'fr' } };
    other({ request: french, body, schemaId: 's', identityKey: undefined });
    const inOther = other({ request, body, schemaId: 's', identityKey: 'ada' });
    for (let again = 0; again < 2; again++) expect(keys({ body, identityKey: 'ada' })).toEqual(inOther);
  });

  it('differ from those of the requests before, however these begin', () => {
    const asked = [{}, { url: '/graphql?a' }, { schemaId: 't' }, { headers: { accept: 'b' } }];
    const first = asked.map((change) => keys(change).shared);
    expect(new Set(first).size).toBe(4);
    expect(asked.map((change) => keys(change).shared)).toEqual(first);
    expect(asked.toReversed().map((change) => keys(change).shared)).toEqual(first.toReversed());
  });

  it('are those of a process that has met nothing, whatever was asked before', () => {
    const { pick, chance } = createRandom('keys');
    const values = ['', 'a', 'a\n', '1:', '0:', '1:a\n'];
    for (let asked = 0; asked < 500; asked++) {
      const headers = {
        ...(chance(0.7) && { accept: pick(values) }),
        ...(chance(0.7) && { 'x-market': pick(values) }),
      };
      const request = { method: pick(['GET', 'POST']), url: pick(['/graphql', '/graphql?a', '']), headers };
      const body = Buffer.from(pick(['', 'x'.repeat(5_000)]) + pick(values));
      const identityKey = chance(0.5) ? 'ada' : undefined;
      const keyed = { request, body, schemaId: pick(['s', 't', '']), identityKey };
      const { shared, scoped } = createResponseKeys(['x-market'], MEMORY_BYTES)(keyed);
      expect(responseKeys(keyed)).toMatchObject({ shared, scoped });
    }
  });

  it('have one link for one shared key, whoever asks', () => {
    const { link } = keys();
    expect(link).toBeDefined();
    expect(keys().link).toBe(link);
    expect(keys({ identityKey: 'ada' }).link).toBe(link);
    expect(keys({ body: Buffer.from('{ }') }).link).not.toBe(link);
  });

  it.each([
    [16 * 1024 * 1024, true],
    [1024 * 1024, false],
  ])(
    'are remembered in a part of what the cache may take: after 100 others, with %d bytes',
    (memoryBytes, known) => {
      const ofSize = createResponseKeys([], memoryBytes);
      const ask = (text: string) =>
        ofSize({
          request: { method: 'POST', url: '/graphql', headers: {} },
          body: Buffer.from(text.padEnd(3_000)),
          schemaId: 's',
          identityKey: undefined,
        });
      const { link } = ask('first');
      for (let other = 0; other < 100; other++) ask(`other ${other}`);
      expect(ask('first').link === link).toBe(known);
    },
  );

  it('tell long bodies apart that begin alike', () => {
    const [one, other] = ['x', 'y'].map((end) => keys({ body: Buffer.from('x'.repeat(100_000) + end) }));
    expect(one?.shared).not.toBe(other?.shared);
  });

  it('do not differ with a header that nobody behind the gateway sees', () => {
    expect(keys({ headers: { 'user-agent': 'x', cookie: 'a=b' } })).toEqual(keys());
  });

  it('keep identities apart from each other and from nobody', () => {
    const scoped = ['ada', 'grace', undefined].map((identityKey) => keys({ identityKey }).scoped);
    expect(new Set(scoped).size).toBe(3);
    expect(keys({ identityKey: 'ada' }).shared).toBe(keys().shared);
  });

  it('cannot be made equal by moving characters from one part to the next', () => {
    const one = keys({ headers: { accept: 'a\n', 'content-type': 'b' } });
    const other = keys({ headers: { accept: 'a', 'content-type': '\nb' } });
    expect(one.shared).not.toBe(other.shared);
    // The end of the last header and the beginning of the body.
    const inHeader = keys({ headers: { 'x-market': 'fr\n{}' }, body: Buffer.from('') });
    const inBody = keys({ headers: { 'x-market': 'fr' }, body: Buffer.from('\n{}') });
    expect(inHeader.shared).not.toBe(inBody.shared);
  });
});

import { federationLink } from '../../support/federationLink.js';
import { type GatewayTester, startGatewayTester } from '../../support/gatewayTester.js';
import { startTestIssuer, type TestIssuer } from '../../support/testIssuer.js';
import type { TestSubgraphContext } from '../../support/testSubgraph.js';

const people = [
  { __typename: 'Person', id: '1', name: 'Ada', email: 'ada@x.test', salary: 10, notes: ['n1'] },
  { __typename: 'Person', id: '2', name: 'Grace', email: 'grace@x.test', salary: 20, notes: ['n2'] },
];

const staff = {
  name: 'staff',
  typeDefs: `${federationLink('@key', '@authenticated', '@requiresScopes', '@policy')}
    type Query {
      people: [Person!]!
      matrix: [[Person!]!]!
      things: [Thing]
      anything: [Any]
      secret: Secret
      strict: Strict!
      me: Person @authenticated
    }
    type Mutation { fire(id: ID!): Boolean @requiresScopes(scopes: [["staff:write", "hr"], ["admin"]]) }
    type Person @key(fields: "id") {
      id: ID! @authenticated
      name: String
      email: String @requiresScopes(scopes: [["staff:read"]])
      salary: Int! @policy(policies: [["payroll", "gold"], ["root"]])
      notes: [String!] @authenticated
    }
    scalar Secret @authenticated
    type Strict @requiresScopes(scopes: [["strict"]]) { value: Int }
    union Any = Strict | Person
    interface Thing { id: ID! label: String }
    type Open implements Thing { id: ID! label: String }
    type Closed implements Thing { id: ID! label: String @requiresScopes(scopes: [["closed"]]) }`,
  resolvers: {
    Query: {
      people: () => people,
      matrix: () => [people],
      things: () => [
        { __typename: 'Open', id: 'o', label: 'open' },
        { __typename: 'Closed', id: 'c', label: 'closed' },
      ],
      anything: () => [{ __typename: 'Strict', value: 1 }, people[0]],
      secret: () => 'hush',
      strict: () => ({ value: 1 }),
      me: () => people[0],
    },
    Mutation: { fire: () => true },
    Person: { __resolveReference: ({ id }: { id: string }) => people.find((one) => one.id === id) },
  },
  async intercept(
    _request: unknown,
    response: { setHeader(name: string, value: string): void },
    next: () => Promise<void>,
  ) {
    response.setHeader('cache-control', 'max-age=60');
    await next();
  },
};

const ages = {
  name: 'ages',
  typeDefs: `${federationLink('@key')}
    type Query { agesVersion: Int }
    type Person @key(fields: "id") { id: ID!  age: Int }`,
  resolvers: {
    Person: {
      __resolveReference: ({ id }: { id: string }, { setHeader }: TestSubgraphContext) => {
        setHeader('cache-control', 'max-age=60');
        return { id };
      },
      age: ({ id }: { id: string }) => Number(id) * 30,
    },
  },
};

let issuer: TestIssuer;
let gateway: GatewayTester;
beforeAll(async () => {
  issuer = await startTestIssuer();
  gateway = await startGatewayTester({
    subgraphs: [staff, ages],
    config: {
      identity: { jwt: issuer.jwtConfig },
      // Everything is the same for all callers, but for what they may see: nothing but authorisation tells them apart.
      subgraphs: { all: { forwardIdentity: false } },
    },
  });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

async function ask(query: string, claims?: Record<string, unknown>) {
  const headers = claims ? { authorization: `Bearer ${await issuer.token('ada', { claims })}` } : {};
  const { data, errors, headers: sent } = await gateway.query(query, {}, headers as Record<string, string>);
  const codes = new Set(errors?.map(({ extensions }) => extensions?.['code']));
  expect([...codes]).toEqual(errors ? ['UNAUTHORIZED_FIELD_OR_TYPE'] : []);
  return { data, paths: errors?.map(({ path }) => path?.join('.')) ?? [], cache: sent.get('x-cache') };
}
const askedOf = (name: string) => gateway.subgraph(name).received.map(({ query }) => query);

describe('fields that need an identity, scopes or policies', () => {
  it('are null with an error each for those who lack them, and no subgraph is asked for them', async () => {
    const before = askedOf('staff').length;
    const { data, paths } = await ask('{ people { name email notes } secret }');
    expect(data).toEqual({
      people: [
        { name: 'Ada', email: null, notes: null },
        { name: 'Grace', email: null, notes: null },
      ],
      secret: null,
    });
    expect(paths).toEqual(['people.@.email', 'people.@.notes', 'secret']);
    expect(askedOf('staff').slice(before).join()).not.toMatch(/email|notes|secret/);
  });

  it('are answered to those who have them', async () => {
    expect(await ask('{ people { name email } }', { scope: 'other staff:read' })).toMatchObject({
      data: { people: [{ email: 'ada@x.test' }, { email: 'grace@x.test' }] },
      paths: [],
    });
    expect(await ask('{ people { id } secret }', {})).toMatchObject({ data: { secret: 'hush' }, paths: [] });
  });

  it('do not show through a key that the planner needs for another subgraph', async () => {
    const { data, paths } = await ask('{ people { id age } }');
    // The key is not null, so the person without one is none.
    expect([data, paths]).toEqual([null, ['people.@.id']]);
    const { data: ages } = await ask('{ people { age } }');
    expect(ages).toEqual({ people: [{ age: 30 }, { age: 60 }] });
    const { data: renamed } = await ask('{ me { key: id } people { age } }');
    expect(renamed).toEqual({ me: null, people: [{ age: 30 }, { age: 60 }] });
  });

  it.each([
    [{ policies: ['gold'] }, false],
    [{ policies: ['gold', 'payroll'] }, true],
    [{ policies: 'root' }, true],
    [{ scope: 'root payroll gold' }, false],
  ])('follow the lists of alternatives: %j', async (claims, allowed) => {
    const { data, paths } = await ask('{ people { salary } }', claims);
    expect(paths).toEqual(allowed ? [] : ['people.@.salary']);
    // Not null as it is, it takes the list along.
    expect(data).toEqual(allowed ? { people: [{ salary: 10 }, { salary: 20 }] } : null);
  });

  it.each([
    ['under an alias', '{ people { x: email } }', 'people.@.x'],
    [
      'in a named fragment',
      '{ people { ...F } } fragment F on Person { email }',
      'people.@.... on Person.email',
    ],
    ['in an inline fragment', '{ people { ... { email } } }', 'people.@.email'],
    ['in lists of lists', '{ matrix { email } }', 'matrix.@.@.email'],
    ['with a condition', '{ people { email @include(if: true) } }', 'people.@.email'],
    [
      'with a name that our own could collide with',
      '{ people { email__unauthorized: name email } }',
      'people.@.email',
    ],
  ])('are found %s', async (_where, query, path) => {
    const before = askedOf('staff').length;
    const { data, paths } = await ask(query);
    expect(paths).toEqual([path]);
    expect(JSON.stringify(data)).not.toContain('@x.test');
    expect(askedOf('staff').slice(before).join()).not.toContain('email}');
  });

  it('are also those whose type needs it', async () => {
    expect(await ask('{ strict { value } }')).toMatchObject({ data: null, paths: ['strict'] });
    expect(await ask('{ strict { value } }', { scope: 'strict' })).toMatchObject({
      data: { strict: { value: 1 } },
    });
    const union = await ask('{ anything { __typename ... on Strict { value } ... on Person { name } } }');
    expect(union).toMatchObject({
      data: { anything: [{ __typename: 'Strict', value: null }, { name: 'Ada' }] },
      paths: ['anything.@.... on Strict.value'],
    });
  });

  it('cannot be reached through an interface', async () => {
    const query = '{ things { label } }';
    expect(await ask(query)).toMatchObject({ data: { things: [{ label: null }, { label: null }] } });
    expect(await ask('{ things { ... on Open { label } } }')).toMatchObject({ paths: expect.any(Array) });
    expect(await ask(query, { scope: 'closed' })).toMatchObject({
      data: { things: [{ label: 'open' }, { label: 'closed' }] },
      paths: [],
    });
  });

  it('of a mutation are not run', async () => {
    const before = askedOf('staff').length;
    const { data, paths } = await ask('mutation { fire(id: "1") }', { scope: 'staff:write' });
    expect([data, paths]).toEqual([{ fire: null }, ['fire']]);
    expect(askedOf('staff')).toHaveLength(before);
    expect((await ask('mutation { fire(id: "1") }', { scope: 'hr staff:write' })).data).toEqual({
      fire: true,
    });
  });

  it('are told at most a hundred times, however often they are asked for', async () => {
    const aliases = Array.from({ length: 200 }, (_, index) => `a${index}: email`);
    const { data, paths } = await ask(`{ people { ${aliases.join(' ')} } }`);
    expect(paths).toHaveLength(100);
    expect(JSON.stringify(data)).not.toContain('@x.test');
    // Places that read the same are told once.
    const fragments = Array.from({ length: 9 }, (_, level) => {
      const inner = level === 0 ? 'email' : `...F${level - 1} ...G${level - 1}`;
      return `fragment F${level} on Person { ${inner} } fragment G${level} on Person { ${inner} }`;
    });
    expect((await ask(`{ people { ...F8 ...G8 } } ${fragments.join(' ')}`)).paths).toHaveLength(1);
  });
});

describe('the cache of answers that need something', () => {
  it('gives nobody what was kept for somebody who may see it', async () => {
    const query = '{ people { name email } secret } # kept';
    const claims = { scope: 'staff:read' };
    expect((await ask(query, claims)).cache).toBe('miss; stored');
    expect((await ask(query, claims)).cache).toBe('hit; tier=memory');
    const others = [await ask(query), await ask(query, {}), await ask(query, { scope: 'staff' })];
    for (const { data, cache } of others) {
      expect(JSON.stringify(data)).not.toContain('@x.test');
      expect(cache).toBe('miss');
    }
  });

  it('still shares what needs nothing', async () => {
    const query = '{ people { name } } # shared';
    expect((await ask(query)).cache).toBe('miss; stored');
    expect((await ask(query, {})).cache).toBe('hit; tier=memory');
  });
});

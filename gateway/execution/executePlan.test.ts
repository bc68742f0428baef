import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner';
import { buildSchema, GraphQLError, parse } from 'graphql';
import { coerceVariables } from './coerceVariables.js';
import { compilePlan } from './compilePlan.js';
import { executePlan } from './executePlan.js';
import { executePlanToJson } from './executePlanToJson.js';
import type { FetchSubgraph, SubgraphRequest, SubgraphResponse } from './types.js';

const schema = buildSchema(`
  type Query { users: [User], me: User, text: String, must: Must }
  type Mutation { one: Int, two: Int }
  type User { id: ID!, name: String, friend: User, tags: [String!] }
  type Must { here: String! }
`);

const requireUser: NonNullable<FetchNode['requires']> = [
  {
    kind: 'InlineFragment',
    typeCondition: 'User',
    selections: [
      { kind: 'Field', name: '__typename' },
      { kind: 'Field', name: 'id' },
    ],
  },
];

function fetchNode(serviceName: string, operation: string, more: Partial<FetchNode> = {}): FetchNode {
  return {
    kind: 'Fetch',
    serviceName,
    operation,
    operationName: undefined,
    operationKind: 'query' as FetchNode['operationKind'],
    ...more,
  };
}

function entityNode(path: string[], serviceName = 'names'): PlanNode {
  return { kind: 'Flatten', path, node: fetchNode(serviceName, '{_entities}', { requires: requireUser }) };
}

function sequence(...nodes: PlanNode[]): QueryPlan {
  return { kind: 'QueryPlan', node: { kind: 'Sequence', nodes } };
}

function compile(text: string, plan: QueryPlan) {
  return compilePlan({ plan, document: parse(text), supergraphSchema: schema, apiSchema: schema });
}

type Answer = SubgraphResponse | ((request: SubgraphRequest) => SubgraphResponse | Promise<SubgraphResponse>);

function fetchFrom(answers: Record<string, Answer>, seen: SubgraphRequest[] = []): FetchSubgraph<undefined> {
  return async (request) => {
    seen.push(request);
    const answer = answers[request.subgraph] ?? {};
    return typeof answer === 'function' ? answer(request) : answer;
  };
}

async function run(text: string, plan: QueryPlan, answers: Record<string, Answer>, seen?: SubgraphRequest[]) {
  const result = await executePlan(compile(text, plan), {
    variables: {},
    context: undefined,
    fetch: fetchFrom(answers, seen),
  });
  return JSON.parse(JSON.stringify(result)) as Record<string, unknown>;
}

const usersPlan = sequence(fetchNode('users', '{users{__typename id}}'), entityNode(['users', '@']));
const threeUsers = () => ({
  data: {
    users: [
      { __typename: 'User', id: '1' },
      { __typename: 'User', id: '2' },
      { __typename: 'User', id: '1' },
    ],
  },
});

describe('an entity fetch', () => {
  it('sends each representation once and puts the answer in every place', async () => {
    const seen: SubgraphRequest[] = [];
    const names = { data: { _entities: [{ name: 'Ada' }, { name: 'Bob' }] } };
    const result = await run('{ users { name } }', usersPlan, { users: threeUsers, names }, seen);
    expect(seen[1]?.variables).toEqual({
      representations: [
        { __typename: 'User', id: '1' },
        { __typename: 'User', id: '2' },
      ],
    });
    expect(result).toEqual({ data: { users: [{ name: 'Ada' }, { name: 'Bob' }, { name: 'Ada' }] } });
  });

  it('tells ids apart that only look alike', async () => {
    const seen: SubgraphRequest[] = [];
    const users = { data: { users: [1, '1', null].map((id) => ({ __typename: 'User', id })) } };
    await run('{ users { name } }', usersPlan, { users, names: { data: { _entities: [{}, {}, {}] } } }, seen);
    expect(seen[1]?.variables?.['representations']).toHaveLength(3);
  });

  it('asks nothing when no object has what it needs', async () => {
    const seen: SubgraphRequest[] = [];
    const users = { data: { users: [{ __typename: 'User' }, null] } };
    const result = await run('{ users { name } }', usersPlan, { users }, seen);
    expect(seen).toHaveLength(1);
    expect(result).toEqual({ data: { users: [{ name: null }, null] } });
  });

  it("reports an entity's error at every place of the entity", async () => {
    const names = {
      data: { _entities: [{ name: null }, { name: 'Bob' }] },
      errors: [{ message: 'no', path: ['_entities', 0, 'name'], extensions: { code: 'TEAPOT' } }],
    };
    const result = await run('{ users { name } }', usersPlan, { users: threeUsers, names });
    const extensions = { code: 'TEAPOT', service: 'names' };
    expect(result).toEqual({
      data: { users: [{ name: null }, { name: 'Bob' }, { name: null }] },
      errors: [
        { message: 'no', path: ['users', 0, 'name'], extensions },
        { message: 'no', path: ['users', 2, 'name'], extensions },
      ],
    });
  });

  it.each<[string, SubgraphResponse]>([
    ['no list', { data: { _entities: {} } }],
    ['missing', { data: {} }],
    ['too short', { data: { _entities: [] } }],
  ])('becomes an error and nulls when _entities is %s', async (_name, names) => {
    const result = await run('{ users { id name } }', usersPlan, { users: threeUsers, names });
    expect(result).toMatchObject({
      data: {
        users: [
          { id: '1', name: null },
          { id: '2', name: null },
          { id: '1', name: null },
        ],
      },
      errors: [{ extensions: { code: 'SUBGRAPH_RESPONSE_INVALID', service: 'names' } }],
    });
  });
});

describe('a request that fails', () => {
  const plan = sequence(fetchNode('users', '{users{id}}'));

  it.each<[string, unknown, string]>([
    ['without a code', new Error('refused'), 'SUBGRAPH_REQUEST_FAILED'],
    ['with its own code', new GraphQLError('refused', { extensions: { code: 'TIMEOUT' } }), 'TIMEOUT'],
    ['with no error at all', 'refused', 'SUBGRAPH_REQUEST_FAILED'],
  ])('%s becomes an error with a code', async (_name, reason, code) => {
    const result = await run('{ users { id } text }', plan, { users: () => Promise.reject(reason) });
    expect(result).toEqual({
      data: { users: null, text: null },
      errors: [{ message: 'refused', extensions: { code, service: 'users' } }],
    });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', 'oops'],
    ['data that is a list', { data: [] }],
    ['neither data nor errors', {}],
    ['errors that are no list', { errors: 'oops' }],
    ['errors that are no errors', { errors: [7] }],
  ])('by answering %s becomes an error', async (_name, response) => {
    const result = await run('{ users { id } }', plan, { users: () => response as SubgraphResponse });
    expect(result).toMatchObject({
      data: { users: null },
      errors: [{ extensions: { service: 'users' } }],
    });
  });
});

describe('execution', () => {
  it('starts no further fetch once aborted', async () => {
    const controller = new AbortController();
    const seen: SubgraphRequest[] = [];
    const users = () => {
      controller.abort();
      return threeUsers();
    };
    const result = await executePlan(compile('{ users { name } }', usersPlan), {
      variables: {},
      context: undefined,
      fetch: fetchFrom({ users }, seen),
      signal: controller.signal,
    });
    expect(seen.map(({ subgraph, signal }) => [subgraph, signal])).toEqual([['users', controller.signal]]);
    expect(result.errors?.map(({ extensions }) => extensions['code'])).toEqual(['EXECUTION_ABORTED']);
  });

  it('runs the root fetches of a mutation one after the other', async () => {
    const plan = sequence(fetchNode('a', 'mutation{one}'), fetchNode('b', 'mutation{two}'));
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const seen: SubgraphRequest[] = [];
    const a = () => held.then(() => ({ data: { one: 1 } }));
    const running = run('mutation { one two }', plan, { a, b: { data: { two: 2 } } }, seen);
    expect(seen.map(({ subgraph }) => subgraph)).toEqual(['a']);
    release();
    expect(await running).toEqual({ data: { one: 1, two: 2 } });
  });

  it('merges what two subgraphs say of one object, whoever answers first', async () => {
    const plan = sequence(
      fetchNode('a', '{me{id}}'),
      fetchNode('b', '{me{name}}'),
      fetchNode('c', '{me{tags}}'),
    );
    const result = await run('{ me { id name tags } }', plan, {
      a: { data: { me: { id: '1' } } },
      b: { data: { me: { name: 'Ada' } } },
      c: { data: { me: null } },
    });
    expect(result).toEqual({ data: { me: { id: '1', name: 'Ada', tags: null } } });
  });

  it('keeps response names that are members of every object apart from these', async () => {
    const text = '{ __proto__: me { constructor: name toString: id } hasOwnProperty: text }';
    const data = JSON.parse('{"__proto__":{"constructor":"Ada"},"hasOwnProperty":"x"}') as Record<
      string,
      unknown
    >;
    const plan = sequence(fetchNode('a', '{}'), fetchNode('b', '{}'));
    const again = JSON.parse('{"__proto__":{"toString":"1"}}') as Record<string, unknown>;
    const { body } = await executePlanToJson(compile(text, plan), {
      variables: {},
      context: undefined,
      fetch: fetchFrom({ a: { data }, b: { data: again } }),
    });
    expect(body).toBe('{"data":{"__proto__":{"constructor":"Ada","toString":"1"},"hasOwnProperty":"x"}}');
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect({}.toString()).toBe('[object Object]');
  });

  it('explains nulls that do not fit in the extensions, unless an error explains them already', async () => {
    const plan = sequence(fetchNode('a', '{must{here}}'));
    const invalid = await run('{ must { here } }', plan, { a: { data: { must: { here: null } } } });
    expect(invalid).toEqual({
      data: { must: null },
      extensions: {
        valueCompletion: [
          {
            message: 'Cannot return null for non-nullable field Must.here.',
            path: ['must', 'here'],
            extensions: { code: 'INVALID_GRAPHQL' },
          },
        ],
      },
    });
    const errors = [{ message: 'no', path: ['must', 'here'] }];
    const explained = await run('{ must { here } }', plan, { a: { data: { must: { here: null } }, errors } });
    expect(explained).toEqual({
      data: { must: null },
      errors: [{ ...errors[0], extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', service: 'a' } }],
    });
  });

  it('answers introspection without asking anybody, beside data', async () => {
    const seen: SubgraphRequest[] = [];
    const text =
      'query ($name: String!) { a: __type(name: $name) { name } ...S text } fragment S on Query { __schema { queryType { name } } }';
    const plan = compile(text, sequence(fetchNode('a', '{text}')));
    const { variables } = coerceVariables(plan, { name: 'User' });
    const fetch = fetchFrom({ a: { data: { text: 'x' } } }, seen);
    const result = await executePlan(plan, { variables: variables ?? {}, context: undefined, fetch });
    expect(result).toEqual({
      data: { a: { name: 'User' }, __schema: { queryType: { name: 'Query' } }, text: 'x' },
    });
    expect(seen).toHaveLength(1);
  });
});

describe('a plan that cannot be run', () => {
  it.each<[string, QueryPlan]>([
    ['@defer', { kind: 'QueryPlan', node: { kind: 'Defer', primary: {}, deferred: [] } }],
    [
      'a subscription',
      { kind: 'QueryPlan', node: { kind: 'Subscription', primary: fetchNode('a', '{text}') } },
    ],
  ])('because of %s says so, and asks nobody', async (_name, plan) => {
    const seen: SubgraphRequest[] = [];
    const result = await run('{ text }', plan, {}, seen);
    expect(result).toMatchObject({ errors: [{ extensions: { code: 'EXECUTION_NOT_SUPPORTED' } }] });
    expect(result).not.toHaveProperty('data');
    expect(seen).toEqual([]);
  });

  it('because a condition is null says which', async () => {
    const plan = compile(
      'query ($on: Boolean = true) { text @include(if: $on) }',
      sequence(fetchNode('a', '{text}')),
    );
    const { variables } = coerceVariables(plan, { on: null });
    const result = await executePlan(plan, {
      variables: variables ?? {},
      context: undefined,
      fetch: fetchFrom({}),
    });
    expect(result.errors?.[0]?.message).toContain('$on');
  });
});

describe('coerceVariables', () => {
  const plan = compile('query ($n: Int = 7, $must: ID!) { text }', sequence());

  it('applies defaults and coerces', () => {
    expect(coerceVariables(plan, { must: 3 }).variables).toEqual({ n: 7, must: '3' });
  });

  it('names the variables at fault', () => {
    expect(coerceVariables(plan, { n: 'x' }).errors?.map(({ message }) => message)).toEqual([
      expect.stringContaining('$n'),
      expect.stringContaining('$must'),
    ]);
  });
});

import type { FetchNode, PlanNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import { buildSchema, parse } from 'graphql';
import { compilePlan } from '../compilePlan.js';
import { executePlan } from '../executePlan.js';
import type { SubgraphRequest, SubgraphResponse } from '../types.js';

const schema = buildSchema(`
  type Query { best: Product  worst: Product }
  type Product { upc: ID  name: String  tags: [Tag] }
  type Tag { text: String }`);

const REQUIRES: QueryPlanSelectionNode[] = [
  {
    kind: 'InlineFragment',
    typeCondition: 'Product',
    selections: [
      { kind: 'Field', name: '__typename' },
      { kind: 'Field', name: 'upc' },
    ],
  },
];

function fetchNode(serviceName: string, operation: string, more: Partial<FetchNode> = {}): FetchNode {
  const operationKind = 'query' as FetchNode['operationKind'];
  return { kind: 'Fetch', serviceName, operation, operationName: undefined, operationKind, ...more };
}

let fetches = 0;
function namesAt(path: string[], selection = 'name tags{text}'): PlanNode {
  const operationName = `Names__${fetches++}`;
  const operation = `query ${operationName}($representations:[_Any!]!){_entities(representations:$representations){...on Product{${selection}}}}`;
  return {
    kind: 'Flatten',
    path,
    node: fetchNode('names', operation, { operationName, requires: REQUIRES }),
  };
}

const rootNode = fetchNode('root', '{best{__typename upc}worst{__typename upc}}');
const sequence = (...nodes: PlanNode[]): PlanNode => ({ kind: 'Sequence', nodes });
const parallel = (...nodes: PlanNode[]): PlanNode => ({ kind: 'Parallel', nodes });

interface Run {
  readonly worst?: string;
  readonly names?: (upcs: string[]) => SubgraphResponse | Promise<SubgraphResponse>;
  readonly fetchesApart?: boolean;
}

const answer = (upcs: string[]): SubgraphResponse => ({
  data: { _entities: upcs.map((upc) => ({ name: `thing ${upc}`, tags: [{ text: upc }] })) },
});

async function run(node: PlanNode, { worst = '1', names = answer, fetchesApart = false }: Run = {}) {
  const asked: string[][] = [];
  const fetch = async ({ subgraph, variables }: SubgraphRequest): Promise<SubgraphResponse> => {
    const product = (upc: string) => ({ __typename: 'Product', upc });
    if (subgraph === 'root') return { data: { best: product('1'), worst: product(worst) } };
    const upcs = (variables as { representations: { upc: string }[] }).representations.map(({ upc }) => upc);
    asked.push(upcs);
    return names(upcs);
  };
  const document = parse('{ best { name tags { text } } worst { name tags { text } } }');
  const plan = { kind: 'QueryPlan', node } as const;
  const compiled = compilePlan({ plan, document, supergraphSchema: schema, apiSchema: schema });
  let tree: Record<string, unknown> = {};
  const onFetched = (root: Record<string, unknown>) => {
    tree = root;
  };
  const args = { variables: {}, context: undefined, fetch, fetchesApart, onFetched };
  const result = await executePlan(compiled, args);
  const errors = result.errors?.map(({ message, path }) => `${message} ${path?.join('.') ?? ''}`);
  return { asked, errors, data: result.data, tree };
}

const both = sequence(rootNode, parallel(namesAt(['best']), namesAt(['worst'])));
const thing = (upc: string) => ({ name: `thing ${upc}`, tags: [{ text: upc }] });

describe('fetches that ask the same of several places at the same time', () => {
  it('are one request, which asks for each entity once', async () => {
    const { asked, data } = await run(both, { worst: '2' });
    expect(asked).toEqual([['1', '2']]);
    expect(data).toEqual({ best: thing('1'), worst: thing('2') });
    expect((await run(both)).asked).toEqual([['1']]);
  });

  it('have objects of their own, since more may be fetched for one of the places', async () => {
    const { tree, data } = await run(both);
    expect(data).toEqual({ best: thing('1'), worst: thing('1') });
    const [best, worst] = [tree['best'], tree['worst']] as { tags: unknown }[];
    expect(best?.tags).not.toBe(worst?.tags);
  });

  it('stay together when each is followed by another one', async () => {
    const chain = (path: string[]) => sequence(namesAt(path, 'name'), namesAt(path, 'tags{text}'));
    const { asked, data } = await run(sequence(rootNode, parallel(chain(['best']), chain(['worst']))));
    expect(asked).toHaveLength(2);
    expect(data).toEqual({ best: thing('1'), worst: thing('1') });
  });

  it('tell an error where the entity stands, and one of no entity for each of them', async () => {
    const errors = [{ message: 'gone', path: ['_entities', 1, 'name'] }, { message: 'tired' }];
    const names = (upcs: string[]) => ({ ...answer(upcs), errors });
    expect((await run(both, { worst: '2', names })).errors).toEqual(['tired ', 'gone worst.name', 'tired ']);
  });

  it.each([-1, 0.5, 2])('all hear of an error about entity %p, which nobody asked for', async (index) => {
    const errors = [{ message: 'odd', path: ['_entities', index] }];
    const names = (upcs: string[]) => ({ ...answer(upcs), errors });
    expect((await run(both, { worst: '2', names })).errors).toEqual(['odd ', 'odd ']);
  });

  it('fail together', async () => {
    const names = () => Promise.reject(new Error('no way'));
    expect((await run(both, { names })).errors).toEqual(['no way ', 'no way ']);
  });

  it('take an answer of another length for none, also where it would fit one of them', async () => {
    const { errors, data } = await run(both, { worst: '2', names: () => answer(['1']) });
    expect(errors).toHaveLength(2);
    expect(data).toEqual({ best: { name: null, tags: null }, worst: { name: null, tags: null } });
  });

  it('are sent apart when they ask for something else, at another time, or are to be shown one by one', async () => {
    const other = sequence(rootNode, parallel(namesAt(['best']), namesAt(['worst'], 'name')));
    expect((await run(other)).asked).toHaveLength(2);
    expect((await run(sequence(rootNode, namesAt(['best']), namesAt(['worst'])))).asked).toHaveLength(2);
    expect((await run(both, { fetchesApart: true })).asked).toHaveLength(2);
  });
});

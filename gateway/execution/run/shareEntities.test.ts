import type { FetchNode, PlanNode, QueryPlan, QueryPlanSelectionNode } from '@apollo/query-planner';
import { buildSchema, parse } from 'graphql';
import { compilePlan } from '../compilePlan.js';
import { executePlan } from '../executePlan.js';
import { executePlanToJson } from '../executePlanToJson.js';
import type { JsonObject } from '../json.js';
import type { SubgraphRequest, SubgraphResponse } from '../types.js';

const schema = buildSchema(`
  type Query { reviews: [Review] }
  type Review { product: Product }
  type Product { upc: ID  name: String  price(in: String): Int  tags: [Tag] }
  type Tag { text: String }`);

const QUESTION = '{ reviews { product { upc name tags { text } } } }';

function fetchNode(serviceName: string, operation: string, requires?: QueryPlanSelectionNode[]): FetchNode {
  const operationKind = 'query' as FetchNode['operationKind'];
  return {
    kind: 'Fetch',
    serviceName,
    operation,
    operationName: undefined,
    operationKind,
    ...(requires && { requires }),
  };
}

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

function namesAt(path: string[]): PlanNode {
  const node = fetchNode('names', '{_entities{...on Product{name}}}', REQUIRES);
  return { kind: 'Flatten', path, node };
}

const reviewsNode = fetchNode('reviews', '{reviews{product{...P}}}fragment P on Product{__typename upc}');
const PRODUCT = ['reviews', '@', 'product'];

function compile(...nodes: PlanNode[]) {
  const plan: QueryPlan = { kind: 'QueryPlan', node: { kind: 'Sequence', nodes } };
  return compilePlan({ plan, document: parse(QUESTION), supergraphSchema: schema, apiSchema: schema });
}

type Answers = Record<string, (request: SubgraphRequest) => SubgraphResponse>;

const names = ({ variables }: SubgraphRequest): SubgraphResponse => {
  const representations = variables?.['representations'] as { upc: string }[];
  return { data: { _entities: representations.map(({ upc }) => ({ name: `thing ${upc}` })) } };
};

function reviewsOf(...products: JsonObject[]) {
  return () => ({
    data: {
      reviews: products.map((product) => ({
        product: { __typename: 'Product', ...structuredClone(product) },
      })),
    },
  });
}

async function run(plan: ReturnType<typeof compile>, answers: Answers) {
  let tree: JsonObject = {};
  const args = {
    variables: {},
    context: undefined,
    fetch: async (request: SubgraphRequest) => answers[request.subgraph]?.(request) ?? {},
    onFetched: (root: JsonObject) => {
      tree = root;
    },
  };
  const { errors } = await executePlan(plan, args);
  const places = (tree['reviews'] as { product: JsonObject }[]).map(({ product }) => product);
  const { body } = await executePlanToJson(plan, args);
  return { places, objects: new Set(places).size, errors, body };
}

describe('equal entities of an answer', () => {
  it('become one object, which is filled once and answered everywhere', async () => {
    const plan = compile(reviewsNode, namesAt(PRODUCT));
    const reviews = reviewsOf({ upc: '1' }, { upc: '2' }, { upc: '1' }, { upc: '1' });
    const { objects, places, body } = await run(plan, { reviews, names });
    expect(objects).toBe(2);
    expect(places.map(({ name }) => name)).toEqual(['thing 1', 'thing 2', 'thing 1', 'thing 1']);
    expect(body.match(/thing 1/g)).toHaveLength(3);
  });

  it('are written from one list when a later fetch puts one into them', async () => {
    const tags = [{ text: 'new' }, { text: '"dear"' }];
    const plan = compile(reviewsNode, namesAt(PRODUCT));
    const { body } = await run(plan, {
      reviews: reviewsOf({ upc: '1' }, { upc: '1' }),
      names: () => ({ data: { _entities: [{ name: 'thing', tags: structuredClone(tags) }] } }),
    });
    const product = { upc: '1', name: 'thing', tags };
    expect(JSON.parse(body)).toEqual({ data: { reviews: [{ product }, { product }] } });
  });

  it('stay apart where anything in them differs, however deep', async () => {
    const plan = compile(reviewsNode, namesAt(PRODUCT));
    const products = [
      { upc: '1', tags: [{ text: 'a' }] },
      { upc: '1', tags: [{ text: null }] },
      { upc: '1', tags: [{ text: 'a' }, { text: 'b' }] },
      { upc: '1', tags: null },
      { upc: '1' },
      { upc: '1', tags: [{ text: 'a', more: 1 }] },
      { upc: '1', tags: [{ text: 'a' }] },
    ];
    const { objects, places } = await run(plan, { reviews: reviewsOf(...products), names });
    expect(objects).toBe(products.length - 1);
    expect(places.map(({ tags }) => tags)).toEqual(products.map(({ tags }) => tags));
  });

  it('stay apart where a second fetch fills their parents, which may say something else of each', async () => {
    const second = fetchNode('tags', '{reviews{...{product{tags{text}}}}}');
    const plan = compile(reviewsNode, second, namesAt(PRODUCT));
    const texts = (text: string) => ({ product: { tags: [{ text }] } });
    const { objects, places } = await run(plan, {
      reviews: reviewsOf({ upc: '1' }, { upc: '1' }),
      tags: () => ({ data: { reviews: [texts('first'), texts('second')] } }),
      names,
    });
    expect(objects).toBe(2);
    expect(places.map(({ tags }) => tags)).toEqual([[{ text: 'first' }], [{ text: 'second' }]]);
  });

  it('stay apart where a fetch is made for some types of parents only', async () => {
    const plan = compile(reviewsNode, namesAt(PRODUCT), namesAt(['reviews', '@|[Review]', 'product']));
    const { objects } = await run(plan, { reviews: reviewsOf({ upc: '1' }, { upc: '1' }), names });
    expect(objects).toBe(2);
  });

  it('have an error of theirs in each of their places', async () => {
    const plan = compile(reviewsNode, namesAt(PRODUCT));
    const { errors } = await run(plan, {
      reviews: reviewsOf({ upc: '1' }, { upc: '2' }, { upc: '1' }),
      names: () => ({
        data: { _entities: [{ name: null }, { name: null }] },
        errors: [{ message: 'gone', path: ['_entities', 0, 'name'] }],
      }),
    });
    expect(errors?.map(({ path }) => path)).toEqual([
      ['reviews', 0, 'product', 'name'],
      ['reviews', 2, 'product', 'name'],
    ]);
  });

  it('are no longer looked for where they never occur, but for a try now and then', async () => {
    const plan = compile(reviewsNode, namesAt(PRODUCT));
    const distinct = reviewsOf(...Array.from({ length: 300 }, (_, upc) => ({ upc: String(upc) })));
    await run(plan, { reviews: distinct, names });
    const equal = { reviews: reviewsOf({ upc: '1' }, { upc: '1' }), names };
    expect((await run(plan, equal)).objects).toBe(2);
    for (let count = 0; count < 32; count++) await run(plan, equal);
    expect((await run(plan, equal)).objects).toBe(1);
  });
});

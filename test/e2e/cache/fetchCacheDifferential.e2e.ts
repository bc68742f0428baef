import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse, validate } from 'graphql';
import { createBackgroundWork } from '../../../gateway/cache/fetch/backgroundWork.js';
import { createFetchCache } from '../../../gateway/cache/fetch/createFetchCache.js';
import type { FetchCacheContext } from '../../../gateway/cache/fetch/fetchCacheOptions.js';
import { defaultFetchCacheSettings } from '../../../gateway/cache/fetch/fetchCacheSettings.js';
import { createFetchTagger } from '../../../gateway/cache/fetch/tags/fetchTagger.js';
import { MemoryStore } from '../../../gateway/cache/memoryStore.js';
import { ResponseFacts } from '../../../gateway/cache/responseFacts.js';
import { TieredCache } from '../../../gateway/cache/tieredCache.js';
import { executePlan } from '../../../gateway/execution/executePlan.js';
import type { FetchSubgraph } from '../../../gateway/execution/types.js';
import { generateOperation } from '../../support/execution/generateOperation.js';
import { media } from '../../support/execution/graphs/media.js';
import { organisations } from '../../support/execution/graphs/organisations.js';
import { shop } from '../../support/execution/graphs/shop.js';
import { type Faults, noFaults } from '../../support/execution/syntheticSubgraph.js';
import { createTestGraph, type PlannedOperation } from '../../support/execution/testGraph.js';

const troubled: Faults = { ...noFaults, nulls: 0.06, emptyLists: 0.05, missingEntities: 0.05 };
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe.each([
  { name: 'shop', sdls: shop, operations: 90 },
  { name: 'media', sdls: media, operations: 70 },
  { name: 'organisations', sdls: organisations, operations: 70 },
])('generated operations on the $name graph', ({ name, sdls, operations: count }) => {
  const graph = createTestGraph(sdls);
  const schemas = Object.fromEntries(
    Object.entries(sdls).map(([subgraph, text]) => [
      subgraph,
      buildSubgraphSchema({ typeDefs: parse(text) }),
    ]),
  );
  const tagger = createFetchTagger(graph.supergraph);
  const operations = Array.from({ length: count }, (_, index) => {
    const seed = `${name}/cache/${index}`;
    const { text, variables } = generateOperation(graph.apiSchema, seed);
    try {
      const planned = graph.plan(text, variables);
      return planned.compiled.operation.operation === 'query' ? { seed, planned } : undefined;
    } catch {
      // Not all that can be generated can be planned; the executor's own story counts them.
      return undefined;
    }
  }).filter((operation) => operation !== undefined);

  it.each([
    { weather: 'all is well', faults: noFaults },
    { weather: 'there are nulls, and entities are missing', faults: troubled },
  ])('give through the cache what they give without, cold and warm, when $weather', async ({ faults }) => {
    let hits = 0;
    for (const { seed, planned } of operations) {
      const asked = { count: 0, refused: 0 };
      const answer = graph.fetchUnder({ seed, faults });
      const send: FetchSubgraph<FetchCacheContext> = async (request, context) => {
        asked.count += 1;
        const schema = schemas[request.subgraph];
        expect(schema && validate(schema, parse(request.query))).toEqual([]);
        return { ...(await answer(request, context)), http: { status: 200, cacheControl: 'max-age=60' } };
      };
      const background = createBackgroundWork((error) => {
        throw error;
      });
      const store = new TieredCache({ memory: new MemoryStore({ maxBytes: 50_000_000 }) });
      const cache = createFetchCache<FetchCacheContext>({
        store,
        settings: () => ({ ...defaultFetchCacheSettings, negativeTtlMs: 60_000 }),
        consistency: () => ({ mayUseCache: true, after: undefined }),
        background,
        now: Date.now,
        random: Math.random,
      });
      const fetch = cache.wrap(send, tagger);
      const run = async ({ corrected, variables }: PlannedOperation) => {
        const facts = new ResponseFacts();
        const context: FetchCacheContext = {
          headers: {},
          cache: { mayRead: true, mayStore: true, identityKey: undefined, facts, explain: undefined },
        };
        const result = plain(await executePlan(corrected, { variables, context, fetch }));
        asked.refused += facts.uncacheable.length;
        return { result, facts };
      };
      const expected = plain(
        await executePlan(planned.corrected, {
          variables: planned.variables,
          context: undefined,
          fetch: answer,
        }),
      );
      const cold = await run(planned);
      const coldCount = asked.count;
      expect({ seed, text: planned.text, cold: cold.result }).toEqual({
        seed,
        text: planned.text,
        cold: expected,
      });
      const warm = await run(planned);
      expect({ seed, text: planned.text, warm: warm.result }).toEqual({
        seed,
        text: planned.text,
        warm: expected,
      });
      if (asked.refused === 0 && coldCount > 0) {
        // Everything could be kept, so nothing was asked again, and the tags are those of the first time.
        expect({ seed, asked: asked.count }).toEqual({ seed, asked: coldCount });
        expect([...warm.facts.tags].sort()).toEqual([...cold.facts.tags].sort());
        hits += 1;
      }
    }
    expect(operations.length).toBeGreaterThan(count * 0.7);
    expect(hits).toBeGreaterThan(operations.length * (faults === noFaults ? 0.8 : 0.3));
  });
});

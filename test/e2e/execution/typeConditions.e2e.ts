import { generateOperation } from '../../support/execution/generateOperation.js';
import { media } from '../../support/execution/graphs/media.js';
import { noFaults } from '../../support/execution/syntheticSubgraph.js';
import { createTestGraph } from '../../support/execution/testGraph.js';

const graph = createTestGraph(media, { typeConditionedFetching: true });

describe('type conditioned fetching', () => {
  it('asks only for entities of the types that the path names', async () => {
    const { compiled, variables } = graph.plan(
      '{ search { ... on Book { author { nick } } ... on Film { cast { trust } } } }',
      {},
    );
    const conditions =
      compiled.root?.kind === 'sequence'
        ? JSON.stringify(compiled.root, (_key, value: unknown) => (value instanceof Set ? [...value] : value))
        : '';
    expect(conditions).toContain('"types":["Book"]');
    const planned = graph.plan(
      '{ search { ... on Book { author { nick } } ... on Film { cast { trust } } } }',
      {},
    );
    for (const seed of ['a', 'b', 'c', 'd']) {
      const ours = await graph.ours(compiled, variables, { seed, faults: noFaults });
      expect(ours).toEqual(await graph.monolith(planned, seed));
    }
  });

  it('gives what a schema without federation gives', async () => {
    let compared = 0;
    for (let index = 0; index < 60; index++) {
      const seed = `typeConditions/${index}`;
      const generated = generateOperation(graph.apiSchema, seed);
      let planned: ReturnType<typeof graph.plan>;
      try {
        planned = graph.plan(generated.text, generated.variables);
      } catch {
        continue;
      }
      const ours = await graph.ours(planned.corrected, planned.variables, { seed, faults: noFaults });
      expect(`${generated.text}\n${JSON.stringify(ours)}`).toBe(
        `${generated.text}\n${JSON.stringify(await graph.monolith(planned, seed))}`,
      );
      compared++;
    }
    expect(compared).toBeGreaterThan(40);
  });
});

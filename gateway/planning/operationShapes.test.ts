import { parse } from 'graphql';
import { composeSupergraph } from '../../schema/composeSupergraph.js';
import { federationLink } from '../../test/support/federationLink.js';
import { coerceVariables } from '../execution/coerceVariables.js';
import { documentKeyOf } from '../supergraph/documentKey.js';
import { buildSnapshot } from '../supergraph/snapshot.js';

const NOBODY = { identity: undefined, policies: [] } as never;

const { supergraphSdl } = composeSupergraph([
  {
    name: 'items',
    url: 'http://items.test',
    typeDefs: `${federationLink()} type Query { item(id: ID): String other: String }`,
  },
]);

describe('operation shapes', () => {
  it('are planned once, and counted as found by all others', () => {
    const outcomes: string[] = [];
    const snapshot = buildSnapshot(supergraphSdl, {
      planCacheEntries: 2,
      onPlan: (outcome) => outcomes.push(outcome),
    });
    const ask = (text: string) => {
      const plan = snapshot.plan(parse(text), documentKeyOf(text), undefined, NOBODY);
      return coerceVariables(plan, {}).variables;
    };
    expect(ask('{ other }')).toEqual({});
    // More than are kept: what was planned has to stay all the same.
    for (let id = 0; id < 5; id++) expect(ask(`{ item(id: ${id}) }`)).toEqual({ literal_0: String(id) });
    expect(ask('{ item(id: 4) }')).toEqual({ literal_0: '4' });
    expect(ask('{ other }')).toEqual({});
    expect(outcomes).toEqual(['made', 'made', 'hit', 'hit', 'hit', 'hit', 'hit', 'hit']);
  });
});

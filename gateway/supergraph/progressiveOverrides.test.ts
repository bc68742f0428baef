import { Supergraph } from '@apollo/federation-internals';
import { composeSupergraph } from '../../schema/composeSupergraph.js';
import { federationLink } from '../../test/support/federationLink.js';
import { createProgressiveOverrides } from './progressiveOverrides.js';

function schemaWith(...labels: readonly string[]) {
  const fields = labels.map((_, index) => `f${index}: Int`).join(' ');
  const moved = labels
    .map((label, index) => `f${index}: Int @override(from: "old", label: "${label}")`)
    .join(' ');
  const { supergraphSdl } = composeSupergraph([
    {
      name: 'old',
      url: 'http://old',
      typeDefs: `${federationLink('@key')} type Query { a: T } type T @key(fields: "id") { id: ID! ${fields} }`,
    },
    {
      name: 'new',
      url: 'http://new',
      typeDefs: `${federationLink('@key', '@override')} type T @key(fields: "id") { id: ID! other: Int ${moved} }`,
    },
  ]);
  return Supergraph.build(supergraphSdl).schema;
}

describe('progressive overrides', () => {
  it.each([
    [0.049, true, true],
    [0.05, false, true],
    [0.499, false, true],
    [0.5, false, false],
  ])('with a draw of %p, percent(5) is %p and percent(50) is %p', (draw, five, fifty) => {
    const choose = createProgressiveOverrides(schemaWith('percent(5)', 'percent(50)'), () => draw);
    expect(Object.fromEntries(choose().conditions)).toEqual({ 'percent(5)': five, 'percent(50)': fifty });
  });

  it('has as many different choices as there are percentages, and one more', () => {
    let draw = 0;
    const choose = createProgressiveOverrides(
      schemaWith('percent(5)', 'percent(50)', 'percent(70)'),
      () => draw,
    );
    const keys = new Set<string>();
    for (draw = 0; draw < 1; draw += 0.01) keys.add(choose().key);
    expect(keys.size).toBe(4);
  });

  it('decides nothing about a label that is no percentage', () => {
    const choose = createProgressiveOverrides(schemaWith('beta-users'), () => 0);
    expect([...choose().conditions]).toEqual([]);
  });
});

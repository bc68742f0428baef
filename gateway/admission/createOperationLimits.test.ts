import { getIntrospectionQuery } from 'graphql';
import { CodedError } from '../../platform/errors.js';
import { silentLogger } from '../../platform/logger.js';
import { createOperationLimits, type LimitName } from './createOperationLimits.js';
import { type LimitsConfig, limitsConfigSchema } from './limitsConfig.js';

function start(config: Partial<LimitsConfig> = {}) {
  const counted: [LimitName, string][] = [];
  const limits = createOperationLimits({
    config: limitsConfigSchema.parse(config),
    logger: silentLogger(),
    count: (limit, outcome) => counted.push([limit, outcome]),
  });
  const refusal = (query: string | undefined, variables?: unknown) => {
    try {
      limits.admit({ query, variables });
      return undefined;
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      return { code: error.code, limit: error.extensions['limit'], maximum: error.extensions['maximum'] };
    }
  };
  return { ...limits, counted, refusal };
}

const times = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => make(i));
const nested = (depth: number) => '{a'.repeat(depth) + '}'.repeat(depth);
const bomb = (levels: number) =>
  `{ ...F${levels - 1} } ${times(levels, (level) => `fragment F${level} on Q { ${level === 0 ? 'a b' : `...F${level - 1} x${level} { ...F${level - 1} }`} }`).join(' ')}`;

describe('the limits of operations', () => {
  it.each<[string, keyof LimitsConfig, number, string, string]>([
    ['tokens', 'maxTokens', 6, '{ a b c d }', '{ a b c d e }'],
    ['depth', 'maxDepth', 3, nested(3), nested(4)],
    [
      'depth, through fragments',
      'maxDepth',
      3,
      '{ a { ...F } } fragment F on Q { b { c } }',
      '{ a { ...F } } fragment F on Q { b { c { d } } }',
    ],
    ['fields', 'maxFields', 5, '{ a { b c d e } }', '{ a { b c d e f } }'],
    [
      'fields, wherever a fragment is spread',
      'maxFields',
      6,
      '{ a { ...F } b { ...F } } fragment F on Q { c d }',
      '{ a { ...F } b { ...F } c { ...F } } fragment F on Q { c d }',
    ],
    ['fields at the root', 'maxRootFields', 2, '{ a b { c d e } }', '{ a ... on Q { b c } }'],
    ['aliases', 'maxAliases', 2, '{ x: a y: a }', '{ x: a y: a z: a }'],
    ['directives', 'maxDirectives', 1, '{ a @x }', '{ a @x @y }'],
    ['elements of a list', 'maxListItems', 2, '{ a(b: [1, 2]) }', '{ a(b: [[1], [1, 2, 3]]) }'],
    ['lists in lists', 'maxListDepth', 2, '{ a(b: [[1], [2]], c: [[1]]) }', '{ a(b: [[[1]]]) }'],
  ])('are held: %s', (_what, key, maximum, within, beyond) => {
    const { refusal } = start({ [key]: maximum });
    expect(refusal(within)).toBeUndefined();
    const name = key.slice(3);
    const limit = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
    expect(refusal(beyond)).toEqual({ code: 'OPERATION_LIMIT_EXCEEDED', limit, maximum });
  });

  it.each<[string, Partial<LimitsConfig>, unknown, unknown, LimitName]>([
    ['long lists', { maxListItems: 2 }, { a: [1, 2] }, { a: { b: [1, 2, 3] } }, 'listItems'],
    ['many values', { maxVariableValues: 3 }, { a: [1, 2] }, { a: [1, 2], b: 1 }, 'variableValues'],
    ['deep values', { maxVariableDepth: 2 }, { a: [[1]] }, { a: [[[1]]] }, 'variableDepth'],
  ])('are held for variables: %s', (_what, config, within, beyond, limit) => {
    const { refusal } = start(config);
    expect(refusal('{ a }', within)).toBeUndefined();
    expect(refusal('{ a }', beyond)).toMatchObject({ code: 'OPERATION_LIMIT_EXCEEDED', limit });
  });

  it('let through what a client library sends', () => {
    const { refusal, counted } = start();
    expect(refusal(getIntrospectionQuery())).toBeUndefined();
    expect(refusal(undefined, null)).toBeUndefined();
    expect(counted).toEqual([]);
  });

  it.each([
    ['selections deeper than the stack', { maxTokens: 9_000_000 }, nested(200_000), 'depth'],
    ['selections as deep as the tokens allow', {}, nested(4_900), 'depth'],
    ['lists deeper than the stack', { maxTokens: 9_000_000 }, `{a(b:${'['.repeat(300_000)}`, 'depth'],
    ['fragments that double with each line', {}, bomb(20), 'fields'],
    ['a million words', {}, `{ ${'a '.repeat(1_000_000)} }`, 'tokens'],
  ])('hold against %s', (_what, config, query, limit) => {
    expect(start(config).refusal(query)).toMatchObject({ limit });
  });

  it('hold against variables that are deeper than the stack', () => {
    const depth = 200_000;
    const variables: unknown = JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
    expect(start().refusal('{ a }', { variables })).toMatchObject({ limit: 'variableDepth' });
  });

  it('leave it to validation to refuse fragments that spread themselves', () => {
    expect(start().refusal('{ ...F } fragment F on Q { a ...G } fragment G on Q { ...F }')).toBeUndefined();
  });

  it('leave it to the parser to refuse what is no GraphQL', () => {
    expect(start().refusal('{ a')).toBeUndefined();
  });

  it('only count what they would refuse, each of them, where they only warn', () => {
    const { refusal, counted } = start({ mode: 'warn', maxDepth: 1, maxFields: 1, maxListItems: 1 });
    expect(refusal('{ a { b } }', { a: [1, 2] })).toBeUndefined();
    expect(counted).toEqual([
      ['depth', 'warned'],
      ['fields', 'warned'],
      ['listItems', 'warned'],
    ]);
  });

  it('do not look at anything when they are off', () => {
    const { refusal, counted } = start({ mode: 'off', maxDepth: 1 });
    expect(refusal('{ a { b } }')).toBeUndefined();
    expect(counted).toEqual([]);
  });

  it('count each refusal, also of a document that was refused before', () => {
    const { refusal, counted } = start({ maxDepth: 1 });
    for (let again = 0; again < 3; again++) refusal('{ a { b } }');
    expect(counted).toEqual(Array.from({ length: 3 }, () => ['depth', 'refused']));
  });
});

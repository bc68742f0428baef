import { buildSchema, getVariableValues, Kind, type OperationDefinitionNode, parse } from 'graphql';
import { coerceVariables } from './coerceVariables.js';

const apiSchema = buildSchema(`
  enum Color { RED }
  input Box { width: Int = 1 }
  type Query { f(id: ID, text: String, flag: Boolean, int: Int, float: Float, color: Color, box: Box): Int }`);

function operationOf(definitions: string): OperationDefinitionNode {
  const [operation] = parse(`query (${definitions}) { __typename }`).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
  return operation;
}

const VALUES = [
  undefined,
  null,
  '',
  'x',
  '7',
  true,
  0,
  -0,
  7,
  1.5,
  2 ** 31,
  -(2 ** 31),
  Number.POSITIVE_INFINITY,
  [7],
  { width: 2 },
];
const TYPES = ['ID', 'String', 'Boolean', 'Int', 'Float', 'Color', 'Box', '[Int]'];

describe('coerceVariables', () => {
  it.each(TYPES.flatMap((type) => [type, `${type}!`, `${type} = null`]))(
    'does to values of %s what the reference implementation does',
    (type) => {
      const operation = operationOf(`$a: ${type}, $b: Int! = 3`);
      for (const a of VALUES) {
        for (const raw of [a === undefined ? {} : { a, more: 1 }, a === undefined ? { b: 4 } : { a, b: 4 }]) {
          const definitions = operation.variableDefinitions ?? [];
          const { coerced, errors } = getVariableValues(apiSchema, definitions, raw, { maxErrors: 50 });
          const ours = coerceVariables({ operation, apiSchema }, raw);
          expect(ours.variables).toEqual(coerced);
          expect(ours.errors?.map(String)).toEqual(errors?.map(String));
        }
      }
    },
  );
});

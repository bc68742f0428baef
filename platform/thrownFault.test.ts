import { buildSchema, parse, validate } from 'graphql';
import { thrownFault } from './thrownFault.js';

const SCHEMA = buildSchema('type Query { a: Query } type Subscription { ticks: Int }');

function thrownBy(query: string): unknown {
  try {
    validate(SCHEMA, parse(query));
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('what graphql-js throws while it validates', () => {
  it('is a fault of the document, at its place, where a condition cannot be decided', () => {
    const fault = thrownFault(thrownBy('subscription($a: Boolean!) { ticks @skip(if: $a) }'));
    const code = 'GRAPHQL_VALIDATION_FAILED';
    expect(fault?.toJSON()).toMatchObject({ extensions: { code }, locations: [{ line: 1, column: 46 }] });
  });

  it('is one too where the stack did not suffice, without a word about the stack', () => {
    const fault = thrownFault(new RangeError('Maximum call stack size exceeded'));
    expect(fault).toMatchObject({
      code: 'GRAPHQL_VALIDATION_FAILED',
      message: 'The document is nested too deeply.',
    });
  });

  it('says nothing about the document when it is any other error', () => {
    expect(thrownFault(new TypeError('undefined is not a function'))).toBeUndefined();
  });
});

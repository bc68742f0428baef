import { errorMasking } from '../../platform/errorMasking.js';
import { silentLogger } from '../../platform/logger.js';
import { asGraphQLError } from './asGraphQLError.js';

const { mask } = errorMasking(silentLogger());
const DEEP = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`) as unknown;

describe('an error of a subgraph', () => {
  it('keeps its message and what it says of itself', () => {
    const { message, extensions } = asGraphQLError({ message: 'no', extensions: { code: 'NOT_FOUND' } });
    expect({ message, extensions }).toEqual({ message: 'no', extensions: { code: 'NOT_FOUND' } });
  });

  it.each<[string, unknown]>([
    ['nothing', null],
    ['a number', 7],
    ['without a message', {}],
    ['with a message that is none', { message: { text: 'no' } }],
    ['with extensions that are none', { message: 'no', extensions: 'x' }],
    ['nested too deeply to be written', { message: 'no', extensions: { code: 'BAD_USER_INPUT', DEEP } }],
  ])('can be told to clients although it is %s', (_what, error) => {
    const told = JSON.parse(JSON.stringify(mask([asGraphQLError(error)], 'id'))) as unknown;
    expect(told).toEqual([
      { message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'id' } },
    ]);
  });
});

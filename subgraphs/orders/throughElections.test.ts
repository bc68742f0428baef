import { DatabaseTimeoutError, DatabaseUnavailableError } from '../../platform/database/errors.js';
import { badUserInput, CodedError } from '../../platform/errors.js';
import { silentLogger } from '../../platform/logger.js';
import { throughElections } from './throughElections.js';

const logger = silentLogger();

describe('work on orders while a primary is elected', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is done again until there is one', async () => {
    const faults = [new DatabaseUnavailableError('none'), new DatabaseTimeoutError('late')];
    const done = throughElections(
      async () => {
        const fault = faults.shift();
        if (fault) throw fault;
        return 'done';
      },
      { timeoutMs: undefined, logger },
    );
    await jest.advanceTimersByTimeAsync(300);
    expect(await done).toBe('done');
  });

  it('is not done again when something else is wrong', async () => {
    let times = 0;
    const wrong = async () => {
      times += 1;
      throw badUserInput('input', 'is wrong');
    };
    await expect(throughElections(wrong, { timeoutMs: 1_000, logger })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    expect(times).toBe(1);
  });

  it.each([
    ['TEMPORARILY_UNAVAILABLE', badUserInput('input', 'costs something else by now')],
    ['TEMPORARILY_UNAVAILABLE', new CodedError('SUBGRAPH_UNAVAILABLE', 'no prices')],
    ['TEMPORARILY_UNAVAILABLE', new Error('whatever')],
    ['IDEMPOTENCY_KEY_REUSED', new CodedError('IDEMPOTENCY_KEY_REUSED', 'other contents')],
    ['ILLEGAL_ORDER_STATE', new CodedError('ILLEGAL_ORDER_STATE', 'too late')],
  ])('that may have been done already fails with %s when the next try meets "%s"', async (code, error) => {
    const outcomes = [new DatabaseTimeoutError('late'), error];
    const done = throughElections(
      async () => {
        throw outcomes.shift();
      },
      { timeoutMs: undefined, logger },
    );
    const refused = expect(done).rejects.toMatchObject({ code });
    await jest.advanceTimersByTimeAsync(100);
    await refused;
    expect(outcomes).toEqual([]);
  });
});

describe('work on orders when no primary is elected in time', () => {
  it.each([
    ['fails each time', () => Promise.reject(new DatabaseUnavailableError('none'))],
    ['does not come back', () => new Promise<never>(() => undefined)],
  ])('that %s is answered by a code that says to send it again', async (_, work) => {
    await expect(throughElections(work, { timeoutMs: 300, logger })).rejects.toMatchObject({
      code: 'TEMPORARILY_UNAVAILABLE',
      extensions: { code: 'TEMPORARILY_UNAVAILABLE' },
    });
  });
});

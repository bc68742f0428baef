import { GraphQLError } from 'graphql';
import { recordingLogger } from '../test/support/recordingLogger.js';
import { DatabaseTimeoutError, DatabaseUnavailableError } from './database/errors.js';
import { errorMasking } from './errorMasking.js';

const SECRET = 'no primary among db-7.internal:27017';

describe('what goes out of an error that nobody threw for the client', () => {
  it.each([
    ['a database out of reach', new DatabaseUnavailableError(SECRET), 'TEMPORARILY_UNAVAILABLE'],
    ['a database that takes too long', new DatabaseTimeoutError(SECRET), 'TEMPORARILY_UNAVAILABLE'],
    ['anything else', new Error(SECRET), 'INTERNAL_SERVER_ERROR'],
  ])('of %s is a code and the id under which the log has the rest', (_, originalError, code) => {
    const { logger, lines } = recordingLogger();
    const located = new GraphQLError(originalError.message, { originalError, path: ['product'] });
    const errors = errorMasking(logger).mask([located], 'r-1');
    expect(errors).toMatchObject([{ path: ['product'], extensions: { code, requestId: 'r-1' } }]);
    expect(JSON.stringify(errors)).not.toContain('db-7');
    expect(lines).toMatchObject([
      { level: 50, requestId: 'r-1', err: { message: expect.stringContaining('db-7') } },
    ]);
  });
});

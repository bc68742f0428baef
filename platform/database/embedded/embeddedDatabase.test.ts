import { databaseContract } from '../../../test/support/databaseContract.js';
import { createEmbeddedDatabase } from './embeddedDatabase.js';

describe('the embedded database', () => {
  databaseContract({ open: async () => createEmbeddedDatabase({ name: 'test' }) });
});

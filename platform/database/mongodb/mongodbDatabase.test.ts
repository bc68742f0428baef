import { databaseContract } from '../../../test/support/databaseContract.js';
import { describeReal, realMongodbUri } from '../../../test/support/realParts.js';
import { openMongodbDatabase } from './mongodbDatabase.js';

describeReal('mongodb', 'the MongoDB database', () => {
  databaseContract({ open: () => openMongodbDatabase({ uri: realMongodbUri(), name: 'test' }) });
});

import type { CollectionDefinition, Database } from '../../platform/database/database.js';
import { openDatabase } from '../../platform/database/openDatabase.js';
import { describeReal, realMongodbUri } from './realParts.js';

/** Opens a new, empty database with these collections; it is closed when the test ends. */
export type OpenDatabase = (definitions: readonly CollectionDefinition[]) => Promise<Database>;

type Define = (open: OpenDatabase, newUri: () => string | undefined) => void;

/** The same tests on the embedded database and on a real MongoDB; `newUri` is for code that opens its own. */
export function onBothDatabases(name: string, define: Define): void {
  describe(`${name}, embedded`, () => definedFor(() => undefined, define));
  describeReal('mongodb', `${name}, on MongoDB`, () => definedFor(realMongodbUri, define));
}

function definedFor(newUri: () => string | undefined, define: Define): void {
  const opened: Database[] = [];
  define(async (definitions) => {
    // Many tests do very much at once, and a busy machine is no fault.
    const database = await openDatabase({ uri: newUri(), name: 'test', waitQueueTimeoutMs: 20_000 });
    opened.push(database);
    await database.ensure(definitions);
    return database;
  }, newUri);
  // Registered last, so that it comes after the tests have closed what uses their database.
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()));
  });
}

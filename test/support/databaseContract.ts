import type { Database } from '../../platform/database/database.js';
import { changeContract } from './databaseContract/changes.js';
import { concurrencyContract } from './databaseContract/concurrency.js';
import { indexContract } from './databaseContract/indexes.js';
import { readContract } from './databaseContract/reads.js';
import { writeContract } from './databaseContract/writes.js';

export interface DatabaseUnderTest {
  /** A new and empty database each time; the suite closes it. */
  open(): Promise<Database>;
  /** A second connection to the database that `open` gave out last, or `undefined` when there is no such thing. */
  openAgain?(): Promise<Database>;
}

/** What every adapter promises to the stores. Call it inside a `describe`. */
export function databaseContract(underTest: DatabaseUnderTest): void {
  readContract(underTest);
  writeContract(underTest);
  concurrencyContract(underTest);
  indexContract(underTest);
  changeContract(underTest);
}

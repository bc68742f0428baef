import type { Database } from './database.js';

export interface DatabaseOptions {
  /** `mongodb://…` with a database name in its path; absent for the embedded database. */
  readonly uri?: string | undefined;
  /** Name in logs and of the embedded database. */
  readonly name: string;
}

/** Connects, and refuses a standalone `mongod` with a clear message: it has no change streams. */
export async function openDatabase(_options: DatabaseOptions): Promise<Database> {
  throw new Error('written by the database work');
}

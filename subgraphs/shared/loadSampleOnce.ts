import type { CollectionDefinition, Database } from '../../platform/database/database.js';
import type { Clock } from './clock.js';

interface MetaDocument {
  readonly _id: string;
  readonly loadedAt: Date;
}

/** Notes about the database itself. Give it to `database.ensure` before `loadSampleOnce`. */
export const META_COLLECTION: CollectionDefinition = {
  name: 'meta',
  shardKey: null,
  indexes: [],
  watched: false,
  read: { preference: 'primary', concern: 'majority' },
  write: { timeoutMs: 5_000 },
  maxTimeMs: 2_000,
};

/**
 * Runs `load` unless an earlier start finished it in this database. A start that was killed half-way loads again, so
 * `load` inserts only what is missing. What people deleted after the first load stays deleted.
 *
 * @returns whether it loaded
 */
export async function loadSampleOnce(
  database: Database,
  name: string,
  load: () => Promise<void>,
  clock: Clock,
): Promise<boolean> {
  const meta = database.collection<MetaDocument>(META_COLLECTION);
  const _id = `sample-${name}`;
  if (await meta.findOne({ _id })) return false;
  await load();
  await meta.insertMissing([{ _id, loadedAt: clock() }]);
  return true;
}

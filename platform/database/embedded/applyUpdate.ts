import { update as mingoUpdate } from 'mingo/updater';
import type { Filter, StoredDocument, Update } from '../database.js';
import { copyValue } from './copyValue.js';
import { filterConditions } from './filterConditions.js';
import { mingoOptions } from './filterTest.js';

/** The document after the update, as a new object. */
export function applyUpdate<T extends StoredDocument>(document: T, filter: Filter, update: Update): T {
  const { $setOnInsert: _onlyForInserts, ...modifier } = update;
  return modify(document, filter, modifier);
}

/** What an upsert inserts: the filter's equalities, then the update, then `$setOnInsert`. */
export function documentForUpsert<T extends StoredDocument>(filter: Filter, update: Update): T {
  const equalities: Record<string, unknown> = {};
  for (const [field, { equals }] of filterConditions(filter)) {
    if (equals?.length === 1) equalities[field] = equals[0];
  }
  const { $setOnInsert: onInsert, ...modifier } = update;
  const { _id = equalities['_id'], ...fields } = { ...(onInsert as Update | undefined) };
  delete equalities['_id'];
  // Paths like `price.amount` become nested documents in the same way as in an update.
  const seed = modify({ _id } as T, {}, { $set: equalities });
  return modify(modify(seed, {}, modifier), {}, { $set: fields });
}

function modify<T extends StoredDocument>(document: T, filter: Filter, modifier: Update): T {
  const result = copyValue(document);
  const nonEmpty = Object.entries(copyValue(modifier)).filter(
    ([, fields]) => Object.keys(fields as object).length > 0,
  );
  if (nonEmpty.length === 0) return result;
  const changes = Object.fromEntries(nonEmpty);
  // Only the positional operator needs to know what the filter matched; matching again costs as much as the update.
  const positional = nonEmpty.some(([, fields]) =>
    Object.keys(fields as object).some((path) => path.includes('.$')),
  );
  mingoUpdate(
    result as unknown as Record<string, unknown>,
    changes as never,
    [],
    (positional ? filter : {}) as never,
    {
      queryOptions: mingoOptions,
    },
  );
  if (document._id !== undefined && result._id !== document._id) {
    throw new TypeError('an update may not change the _id');
  }
  return result;
}

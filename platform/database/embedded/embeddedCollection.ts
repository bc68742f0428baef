import { isDeepStrictEqual } from 'node:util';
import { checkFilter, checkUpsert } from '../checkFilter.js';
import type {
  CausalContext,
  Collection,
  CollectionDefinition,
  Filter,
  Sort,
  StoredDocument,
  Update,
} from '../database.js';
import { DuplicateKeyError } from '../errors.js';
import { laterOperationTime } from '../operationTime.js';
import { applyUpdate, documentForUpsert } from './applyUpdate.js';
import type { ChangeLog } from './changeLog.js';
import { compareValues } from './compareValues.js';
import { copyValue } from './copyValue.js';
import type { DocumentTable } from './documentTable.js';
import { createFilterTest } from './filterTest.js';
import { planQuery } from './planQuery.js';
import { project } from './project.js';
import { valueAt } from './valueAt.js';

/** Every check and its write happen without an `await` between them, which is what makes them atomic. */
export function createEmbeddedCollection<T extends StoredDocument>(
  definition: CollectionDefinition,
  table: DocumentTable,
  log: ChangeLog,
  assertOpen: () => void,
): Collection<T> {
  function* matches(filter: Filter, sort?: Sort, limit?: number): Generator<T> {
    assertOpen();
    checkFilter(filter);
    const test = createFilterTest(filter);
    const plan = planQuery(filter, sort, table.documents, table.indexes);
    let remaining = limit || Number.POSITIVE_INFINITY;
    for (const document of plan.ordered ? plan.candidates : sorted(plan.candidates, test, sort)) {
      if (!test(document)) continue;
      yield document as T;
      if (--remaining === 0) return;
    }
  }

  const firstMatch = (filter: Filter) => matches(filter, undefined, 1).next().value as T | undefined;

  function acknowledge(causal: CausalContext | undefined): void {
    if (causal) causal.last = laterOperationTime(causal.last, log.timeOf(log.head));
  }

  function update(
    filter: Filter,
    change: Update,
    upsert: boolean,
  ): { before: T | undefined; after: T | undefined } {
    if (upsert) checkUpsert(filter, change);
    const before = firstMatch(filter);
    if (before === undefined) {
      if (!upsert) return { before, after: undefined };
      const inserted = documentForUpsert<T>(filter, change);
      table.insert(inserted);
      return { before, after: inserted };
    }
    const after = applyUpdate(before, filter, change);
    if (isDeepStrictEqual(before, after)) return { before, after: before };
    table.replace(before, after);
    return { before, after };
  }

  return {
    definition,

    async findOne(filter, options = {}) {
      const [found] = matches(filter, options.sort, 1);
      return found ? project(found, options.projection) : null;
    },

    async find(filter, options = {}) {
      const found: T[] = [];
      for (const document of matches(filter, options.sort, options.limit)) {
        found.push(project(document, options.projection));
      }
      return found;
    },

    async count(filter, options = {}) {
      let count = 0;
      for (const _ of matches(filter, undefined, options.limit)) count++;
      return count;
    },

    async insertOne(document, options = {}) {
      assertOpen();
      table.insert(copyValue(document));
      acknowledge(options.causal);
    },

    async insertMissing(documents, options = {}) {
      assertOpen();
      let inserted = 0;
      for (const document of documents) {
        try {
          table.insert(copyValue(document));
          inserted++;
        } catch (error) {
          if (!(error instanceof DuplicateKeyError)) throw error;
        }
      }
      acknowledge(options.causal);
      return inserted;
    },

    async updateOne(filter, change, options = {}) {
      const { before, after } = update(filter, change, options.upsert ?? false);
      acknowledge(options.causal);
      return before ? { matched: 1, modified: before === after ? 0 : 1 } : { matched: 0, modified: 0 };
    },

    async findOneAndUpdate(filter, change, options = {}) {
      const { before, after } = update(filter, change, options.upsert ?? false);
      acknowledge(options.causal);
      const result = options.returnDocument === 'before' ? before : after;
      return result ? copyValue(result) : null;
    },

    async findOneAndDelete(filter, options = {}) {
      const found = firstMatch(filter);
      if (found) table.remove(found);
      acknowledge(options.causal);
      return found ? copyValue(found) : null;
    },
  };
}

function sorted(
  candidates: Iterable<StoredDocument>,
  test: (document: object) => boolean,
  sort: Sort | undefined,
): Iterable<StoredDocument> {
  if (sort === undefined) return candidates;
  const fields = Object.entries(sort);
  return [...candidates].filter(test).sort((a, b) => {
    for (const [field, direction] of fields) {
      const order = compareValues(valueAt(a, field), valueAt(b, field));
      if (order !== 0) return order * direction;
    }
    return 0;
  });
}

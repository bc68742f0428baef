import type { DocumentTable } from './documentTable.js';
import { valueAt } from './valueAt.js';

/** Removes what TTL indexes say has expired at `nowMs`, as MongoDB's own background task does about once a minute. */
export function expireDocuments(table: DocumentTable, nowMs: number): void {
  for (const index of table.indexes) {
    const { expireAfterSeconds } = index.definition;
    const field = Object.keys(index.definition.key)[0];
    if (expireAfterSeconds === undefined || field === undefined) continue;
    const deadline = nowMs - expireAfterSeconds * 1_000;
    for (const document of [...table.documents.values()]) {
      const value = valueAt(document, field);
      if (value instanceof Date && value.getTime() <= deadline) table.remove(document);
    }
  }
}

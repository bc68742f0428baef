import type { CausalContext, ChangeEvent, StoredDocument } from '../../platform/database/database.js';

/**
 * The document as the change left it. Where the database keeps no image any more it is asked, for data at least as new as
 * the change.
 */
export function imageOf<T extends StoredDocument, F>(
  { id, after, operationTime }: ChangeEvent<T>,
  find: (id: string, causal: CausalContext) => Promise<F>,
): T | Promise<F> {
  return after ?? find(id, { after: operationTime });
}

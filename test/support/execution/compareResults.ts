import type { PlainError, PlainResult } from './testGraph.js';

/** What two results have to agree in. */
export interface Comparable {
  readonly data: unknown;
  /** Message and path of each error, as a set: duplicates and order are not promised. */
  readonly errors: readonly string[];
  /** Paths of the values that did not fit the schema. */
  readonly invalidAt: readonly string[];
}

/**
 * Where Apollo's executor and ours say the same in other words:
 *
 * - wrong length of `_entities`: the numbers differ, since we send each representation once;
 * - "The concrete type is not known": theirs makes the object null and says nothing.
 */
function sameWords(message: string): string {
  return message.startsWith('Expected "data._entities"') ? 'Expected "data._entities" to be right' : message;
}

function isSilentThere(error: PlainError): boolean {
  return error.message.startsWith('The concrete type is not known');
}

function sortedSet(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}

export function comparable(result: PlainResult): Comparable {
  const invalid = (result.extensions?.valueCompletion ?? []).filter((error) => !isSilentThere(error));
  return {
    data: result.data ?? null,
    errors: sortedSet(
      (result.errors ?? []).map(({ message, path }) => JSON.stringify([sameWords(message), path])),
    ),
    invalidAt: sortedSet(invalid.map(({ path }) => JSON.stringify(path))),
  };
}

/**
 * Deviation "shifted index": their executor takes the i-th of an answer's entities for the i-th object at the path,
 * also when an object before it had no representation (its key is null) and was not asked for. The message and the
 * fields of the path agree then, the list index does not.
 */
export function withoutIndices({ errors, ...rest }: Comparable): Comparable {
  return { ...rest, errors: sortedSet(errors.map((text) => text.replace(/([[,])\d+(?=[,\]])/g, '$1#'))) };
}

/** Whether an error's path ends at a null, or at a null before, or at a field that the client did not select. */
export function leadsToNull(result: PlainResult, path: readonly (string | number)[]): boolean {
  let value: unknown = result.data;
  for (const part of path) {
    if (value === null || value === undefined) {
      return true;
    }
    value = (value as Record<string | number, unknown>)[part];
  }
  return value === null || value === undefined;
}

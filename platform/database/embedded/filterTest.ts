import { Context } from 'mingo/core';
import * as queryOperators from 'mingo/operators/query';
import { Query } from 'mingo/query';
import type { Filter } from '../database.js';

export const mingoOptions = { context: Context.init({ query: queryOperators }) };

/** Compiles a filter once. */
export function createFilterTest(filter: Filter): (document: object) => boolean {
  const query = new Query<object>(filter as never, mingoOptions);
  return (document) => query.test(document);
}

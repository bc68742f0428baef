import type { CollectionDefinition } from '../../../platform/database/database.js';
import type { ScatterQuery } from '../../../subgraphs/shared/scatterQuery.js';
import { boundFields, fieldsOf } from './boundFields.js';
import { type CapturedQuery, shapeOf } from './queriesOf.js';
import type { WinningPlan } from './winningPlan.js';

export interface Rules {
  readonly definitions: readonly CollectionDefinition[];
  /** Queries that may reach every shard. */
  readonly scatter: readonly ScatterQuery[];
}

/** Why a query must not be sent as it is; empty when it may. */
export function faultsOf(query: CapturedQuery, plan: WinningPlan, rules: Rules): string[] {
  const definition = rules.definitions.find(({ name }) => name === query.collection);
  const faults = [
    ...(plan.stages.includes('COLLSCAN') ? ['scans the collection'] : []),
    ...(definition ? [] : ['is on a collection that is not defined']),
    ...(definition && !isTargeted(query, definition) && scatterFields(query, rules.scatter).length === 0
      ? [`lacks the shard key ${JSON.stringify(definition.shardKey)}`]
      : []),
  ];
  return faults.map((fault) => `${shapeOf(query)} ${fault}`);
}

/**
 * Whether `mongos` sends it to the shards that have the documents, and to no other. The beginning of the key does for
 * a read; a write of one document must name it whole.
 */
export function isTargeted(query: CapturedQuery, { shardKey }: CollectionDefinition): boolean {
  if (shardKey === null) return true;
  const bound = boundFields(query.filter);
  const fields = Object.keys(shardKey);
  return query.writes ? fields.every((field) => bound.get(field) === 'one') : bound.has(fields[0] as string);
}

/** The fields for which a query that is not targeted may reach every shard; none when it may not. */
export function scatterFields(query: CapturedQuery, scatter: readonly ScatterQuery[]): string[] {
  if (query.writes) return [];
  const fields = new Set([...fieldsOf(query.filter), ...query.sort]);
  return scatter
    .filter(({ collection }) => collection === query.collection)
    .flatMap(({ by }) => by.filter((field) => fields.has(field)));
}

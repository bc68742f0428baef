import type { Filter } from '../database.js';
import type { Bound } from './sortedIndex.js';

/** What a filter demands of one field, as far as an index can use it. */
export interface FieldCondition {
  /** Any of these. One for an equality. */
  equals?: readonly unknown[];
  lower?: Bound;
  upper?: Bound;
}

/** The conditions that every match fulfils: the top level and what `$and` adds. */
export function filterConditions(filter: Filter): Map<string, FieldCondition> {
  const conditions = new Map<string, FieldCondition>();
  collect(filter, conditions);
  return conditions;
}

function collect(filter: Filter, conditions: Map<string, FieldCondition>): void {
  for (const [field, demand] of Object.entries(filter)) {
    if (field === '$and') for (const part of demand as Filter[]) collect(part, conditions);
    if (field.startsWith('$')) continue;
    const condition = conditions.get(field) ?? {};
    conditions.set(field, condition);
    if (isIndexable(demand)) condition.equals ??= [demand];
    else if (isOperators(demand)) addOperators(demand, condition);
  }
}

function addOperators(demand: Readonly<Record<string, unknown>>, condition: FieldCondition): void {
  for (const [operator, value] of Object.entries(demand)) {
    if (operator === '$eq' && isIndexable(value)) condition.equals ??= [value];
    else if (operator === '$in' && Array.isArray(value) && value.every(isIndexable))
      condition.equals ??= value;
    // Each element must be there, so the entries of the first one hold all matches.
    else if (operator === '$all' && Array.isArray(value) && isIndexable(value[0]))
      condition.equals ??= [value[0]];
    else if (!isIndexable(value) || value === null) continue;
    else if (operator === '$gt' || operator === '$gte')
      condition.lower ??= { value, inclusive: operator === '$gte' };
    else if (operator === '$lt' || operator === '$lte')
      condition.upper ??= { value, inclusive: operator === '$lte' };
  }
}

function isIndexable(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value) || value instanceof Date;
}

function isOperators(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.keys(value).some((key) => key.startsWith('$'));
}

import { isDeepStrictEqual } from 'node:util';
import type { Filter, Sort, StoredDocument } from '../database.js';
import type { FieldCondition } from './filterConditions.js';
import { filterConditions } from './filterConditions.js';
import type { SortedIndex } from './sortedIndex.js';

/** Documents that may match, every match among them and each only once. */
export interface QueryPlan {
  readonly candidates: Iterable<StoredDocument>;
  /** They come in the order that the query asks for. */
  readonly ordered: boolean;
}

interface IndexPlan {
  readonly index: SortedIndex;
  readonly ranges: readonly (readonly [from: number, to: number])[];
  readonly ordered: boolean;
  readonly backward: boolean;
  readonly cost: number;
}

/** More look-ups than this are no longer cheaper than a walk. */
const MOST_RANGES = 1_000;

/** Picks the cheapest way by the exact number of entries that each index would have to walk. */
export function planQuery(
  filter: Filter,
  sort: Sort | undefined,
  documents: ReadonlyMap<string, StoredDocument>,
  indexes: readonly SortedIndex[],
): QueryPlan {
  const conditions = filterConditions(filter);
  const ids = conditions.get('_id')?.equals;
  if (ids) return { candidates: documentsOf(ids, documents), ordered: ids.length === 1 };

  let best: IndexPlan | undefined;
  for (const index of indexes) {
    const plan = planIndex(index, conditions, filter, sort);
    if (plan && (best === undefined || plan.cost < best.cost)) best = plan;
  }
  const scanCost = costOf(documents.size, sort === undefined);
  if (best === undefined || best.cost > scanCost)
    return { candidates: documents.values(), ordered: sort === undefined };
  return { candidates: walk(best, documents), ordered: best.ordered };
}

function planIndex(
  index: SortedIndex,
  conditions: ReadonlyMap<string, FieldCondition>,
  filter: Filter,
  sort: Sort | undefined,
): IndexPlan | undefined {
  if (!impliesPartialFilter(filter, index.definition.partialFilter)) return undefined;
  let prefixes: unknown[][] = [[]];
  let bound = 0;
  let condition: FieldCondition | undefined;
  for (const { name } of index.fields) {
    condition = conditions.get(name);
    const values = condition?.equals;
    if (!values || prefixes.length * values.length > MOST_RANGES) break;
    prefixes = prefixes.flatMap((prefix) => [...new Set(values)].map((value) => [...prefix, value]));
    bound++;
    condition = undefined;
  }
  // Two bounds may be met by two different elements of an array.
  const bounds = index.multikey ? undefined : condition;
  const ranges = prefixes.map((prefix) => index.range(prefix, bounds?.lower, bounds?.upper));
  const entries = ranges.reduce((sum, [from, to]) => sum + (to - from), 0);
  const direction = sort === undefined ? 1 : sortDirection(index, bound, conditions, sort);
  const ordered = direction !== undefined && ranges.length <= 1 && (sort === undefined || !index.multikey);
  return { index, ranges, ordered, backward: direction === -1, cost: costOf(entries, ordered) };
}

/** `1` or `-1` when the entries behind the bound fields come in (reverse) order of `sort`. */
function sortDirection(
  index: SortedIndex,
  bound: number,
  conditions: ReadonlyMap<string, FieldCondition>,
  sort: Sort,
): 1 | -1 | undefined {
  const rest = index.fields.slice(bound);
  const wanted = Object.entries(sort).filter(([field]) => conditions.get(field)?.equals?.length !== 1);
  let direction: 1 | -1 | undefined;
  for (const [position, [name, order]] of wanted.entries()) {
    const field = rest[position];
    if (field?.name !== name) return undefined;
    const here = field.direction === order ? 1 : -1;
    direction ??= here;
    if (direction !== here) return undefined;
  }
  return direction ?? 1;
}

function impliesPartialFilter(filter: Filter, partialFilter: Filter | undefined): boolean {
  return Object.entries(partialFilter ?? {}).every(([field, demand]) =>
    isDeepStrictEqual(filter[field], demand),
  );
}

/** Sorting afterwards needs all matches, where a walk in order can stop at the limit. */
function costOf(entries: number, ordered: boolean): number {
  return ordered ? entries : entries * 2;
}

function* documentsOf(ids: readonly unknown[], documents: ReadonlyMap<string, StoredDocument>) {
  for (const id of new Set(ids)) {
    const document = documents.get(id as string);
    if (document) yield document;
  }
}

function* walk({ index, ranges, backward }: IndexPlan, documents: ReadonlyMap<string, StoredDocument>) {
  const { entries, multikey } = index;
  const seen = multikey ? new Set<string>() : undefined;
  for (const [from, to] of ranges) {
    for (let step = 0; step < to - from; step++) {
      const id = entries[backward ? to - 1 - step : from + step]?.id as string;
      if (seen?.has(id)) continue;
      seen?.add(id);
      yield documents.get(id) as StoredDocument;
    }
  }
}

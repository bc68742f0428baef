export type Command = Readonly<Record<string, unknown>>;
type Condition = Readonly<Record<string, unknown>>;

/** One question to one collection, however many of them a command has. */
export interface CapturedQuery {
  readonly collection: string;
  readonly writes: boolean;
  readonly filter: Condition;
  /** By field, the first one first. */
  readonly sort: readonly string[];
  /** The same question, to be put into `{ explain }`. */
  readonly explainable: Command;
}

/** They ask nothing of a collection's documents, or go on with a command that was looked at. */
const NO_QUERY = new Set([
  ...['hello', 'ping', 'endSessions', 'getMore', 'killCursors', 'replSetGetConfig'],
  ...['listCollections', 'listIndexes', 'create', 'createIndexes', 'collMod', 'insert'],
]);

/** @throws Error for a command that nobody has said anything about yet */
export function queriesOf(name: string, command: Command): CapturedQuery[] {
  if (NO_QUERY.has(name)) return [];
  const collection = command[name] as string;
  switch (name) {
    case 'find':
      return [
        {
          collection,
          writes: false,
          filter: (command['filter'] ?? {}) as Condition,
          sort: fieldsOfSort(command['sort']),
          explainable: pick(command, ['find', 'filter', 'sort', 'limit', 'projection']),
        },
      ];
    case 'aggregate': {
      // A change stream over the database; the oplog has no index to choose.
      if (command['aggregate'] === 1) return [];
      const [first] = command['pipeline'] as readonly { readonly $match?: Condition }[];
      const explainable = { ...pick(command, ['aggregate', 'pipeline']), cursor: {} };
      return [{ collection, writes: false, filter: first?.$match ?? {}, sort: [], explainable }];
    }
    case 'update':
      return (command['updates'] as readonly { readonly q: Condition }[]).map((update) => ({
        collection,
        writes: true,
        filter: update.q,
        sort: [],
        explainable: { update: collection, updates: [update] },
      }));
    case 'delete':
      return (command['deletes'] as readonly { readonly q: Condition }[]).map((deletion) => ({
        collection,
        writes: true,
        filter: deletion.q,
        sort: [],
        explainable: { delete: collection, deletes: [deletion] },
      }));
    case 'findAndModify': {
      const keys = ['findAndModify', 'query', 'update', 'remove', 'new', 'upsert', 'sort', 'fields'];
      return [
        {
          collection,
          writes: true,
          filter: command['query'] as Condition,
          sort: fieldsOfSort(command['sort']),
          explainable: pick(command, keys),
        },
      ];
    }
    default:
      throw new Error(`no rule for the command ${name}: say what its query is, or that it has none`);
  }
}

/** Equal for queries that differ only in values, or in how many of them there are. */
export function shapeOf({ collection, writes, filter, sort }: CapturedQuery): string {
  return JSON.stringify([collection, writes, skeleton(filter), sort]);
}

function skeleton(value: unknown): unknown {
  if (Array.isArray(value)) {
    return [...new Set(value.map((entry) => JSON.stringify(skeleton(entry))))].sort();
  }
  if (value === null || typeof value !== 'object' || value instanceof Date) return '?';
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, skeleton(entry)]));
}

function fieldsOfSort(sort: unknown): string[] {
  // The driver sends a Map, whose order is certain.
  if (sort instanceof Map) return [...sort.keys()];
  return Object.keys((sort ?? {}) as object);
}

function pick(command: Command, keys: readonly string[]): Command {
  return Object.fromEntries(
    keys.filter((key) => command[key] !== undefined).map((key) => [key, command[key]]),
  );
}

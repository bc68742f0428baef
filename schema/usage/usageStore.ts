import { createHash } from 'node:crypto';
import type { Collection, Database, StoredDocument, Update } from '../../platform/database/database.js';
import { DuplicateKeyError } from '../../platform/database/errors.js';
import { createRoom, type Room } from './room.js';
import { OPERATION_DAYS, OPERATIONS, USAGE_DAYS, USAGE_HOURS } from './usageCollections.js';
import type { ReportedOperation, UsageReport } from './usageReport.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Stands for what found no room. */
const OTHER = '(other)';

export interface UsageRow extends StoredDocument {
  readonly hour: Date;
  readonly operation: string;
  readonly client: { readonly name: string; readonly version: string };
  readonly count: number;
  readonly errors: number;
  readonly coordinates: readonly string[];
  /** By coordinate, with `:` in place of `.`. */
  readonly counts: Readonly<Record<string, number>>;
  readonly expiresAt: Date;
}

/** What is asked for of a row: all of it would be much, for the many rows of a busy field. */
export type UsedRow = Pick<UsageRow, 'operation' | 'client' | 'hour' | 'count' | 'errors' | 'counts'>;

interface OperationDocument extends StoredDocument {
  readonly name: string | null;
  readonly kind: string;
  readonly text?: string;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
}

interface OperationDay extends StoredDocument {
  readonly day: Date;
  readonly operation: string;
  readonly count: number;
}

interface UsageDay extends StoredDocument {
  readonly executions?: number;
  readonly dropped?: number;
  readonly counts?: Readonly<Record<string, number>>;
}

export interface UsedOperation {
  readonly id: string;
  readonly name: string | null;
  /** Missing when no gateway has sent it. */
  readonly text?: string | undefined;
  readonly count: number;
}

export interface Coverage {
  /** Whether any gateway reported anything. */
  readonly known: boolean;
  /** Executions that gateways could not keep, and whose uses nobody knows. */
  readonly dropped: number;
}

/** How much is used, in counters that are bounded in number whatever clients send. */
export interface UsageStore {
  add(report: UsageReport): Promise<void>;
  /** The rows since then that use any of these, as many as `limit`, with the counts of these alone. */
  using(coordinates: readonly string[], since: Date, limit: number): Promise<UsedRow[]>;
  /** The most used first. */
  operations(since: Date, limit: number): Promise<UsedOperation[]>;
  /** Those of them that are known. */
  operationsById(ids: readonly string[]): Promise<Omit<UsedOperation, 'count'>[]>;
  /** How often each coordinate was used since then; nothing at all when no gateway reported. */
  totals(since: Date): Promise<Map<string, number>>;
  /** What is known of the time since then. */
  coverage(since: Date): Promise<Coverage>;
}

export interface UsageStoreOptions {
  readonly retentionDays: number;
  readonly maxRowsPerHour: number;
  readonly maxOperationsPerDay: number;
  readonly clock: () => Date;
}

export function createUsageStore(database: Database, options: UsageStoreOptions): UsageStore {
  const { retentionDays, clock } = options;
  const hours = database.collection<UsageRow>(USAGE_HOURS);
  const days = database.collection<UsageDay>(USAGE_DAYS);
  const operationDays = database.collection<OperationDay>(OPERATION_DAYS);
  const operations = database.collection<OperationDocument>(OPERATIONS);
  const rooms = {
    hour: createRoom(options.maxRowsPerHour, (hour) => hours.count({ hour })),
    day: createRoom(options.maxOperationsPerDay, (day) => operationDays.count({ day })),
  };

  async function addOperation(operation: ReportedOperation, at: Date): Promise<void> {
    const { id, client, count } = operation;
    const hour = startOf(at, HOUR_MS);
    const day = startOf(at, DAY_MS);
    const expiresAt = new Date(at.getTime() + retentionDays * DAY_MS);
    const coordinates = coordinatesOf(operation);
    const known = await rooms.day.takes(day, id);
    const row = await rowFor(rooms.hour, hour, known ? id : OTHER, client);
    await upsert(hours, row._id, {
      $inc: { count, errors: operation.errors, ...increments(coordinates, count) },
      $addToSet: { coordinates: { $each: coordinates } },
      $setOnInsert: { hour, operation: row.operation, client: row.client, expiresAt },
    });
    if (!known) return;
    await upsert(operationDays, `${dayName(day)}:${id}`, {
      $inc: { count },
      $setOnInsert: { day, operation: id, expiresAt },
    });
    const { name, kind, text } = operation;
    await upsert(operations, id, {
      $set: { name, kind, lastSeenAt: at, expiresAt, ...(text !== undefined && { text }) },
    });
  }

  return {
    async add({ to, dropped, operations: reported }) {
      const at = plausible(new Date(to), clock(), retentionDays);
      if (reported.length === 0 && dropped === 0) return;
      const totals = new Map<string, number>();
      for (const operation of reported) {
        for (const coordinate of coordinatesOf(operation)) {
          totals.set(coordinate, (totals.get(coordinate) ?? 0) + operation.count);
        }
      }
      // A few at a time: a report has its turn among all else that the database does.
      for (let next = 0; next < reported.length; next += 8) {
        await Promise.all(reported.slice(next, next + 8).map((operation) => addOperation(operation, at)));
      }
      const day = startOf(at, DAY_MS);
      await upsert(days, dayName(day), {
        $inc: {
          executions: reported.reduce((sum, { count }) => sum + count, 0),
          dropped,
          ...Object.fromEntries(
            [...totals].map(([coordinate, count]) => [`counts.${keyOf(coordinate)}`, count]),
          ),
        },
        $setOnInsert: { expiresAt: new Date(day.getTime() + (retentionDays + 1) * DAY_MS) },
      });
    },
    async using(coordinates, since, limit) {
      if (coordinates.length === 0) return [];
      return hours.find(
        { coordinates: { $in: coordinates }, hour: { $gte: startOf(since, HOUR_MS) } },
        {
          limit,
          projection: { operation: 1, client: 1, hour: 1, count: 1, errors: 1, ...countsOnly(coordinates) },
        },
      );
    },
    async operations(since, limit) {
      const found = await operationDays.find({ day: { $gte: startOf(since, DAY_MS) } });
      const counts = new Map<string, number>();
      for (const { operation, count } of found) counts.set(operation, (counts.get(operation) ?? 0) + count);
      const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, limit);
      const known = await this.operationsById(most.map(([id]) => id));
      const byId = new Map(known.map((operation) => [operation.id, operation]));
      return most.flatMap(([id, count]) => {
        const operation = byId.get(id);
        return operation === undefined ? [] : [{ ...operation, count }];
      });
    },
    async operationsById(ids) {
      const found = await operations.find({ _id: { $in: ids } });
      return found.map(({ _id, name, text }) => ({ id: _id, name, ...(text !== undefined && { text }) }));
    },
    async totals(since) {
      const found = await days.find({ _id: { $gte: dayName(since) } });
      const totals = new Map<string, number>();
      for (const { counts = {} } of found) {
        for (const [key, count] of Object.entries(counts)) {
          const coordinate = key.replaceAll(':', '.');
          totals.set(coordinate, (totals.get(coordinate) ?? 0) + count);
        }
      }
      return totals;
    },
    async coverage(since) {
      const found = await days.find(
        { _id: { $gte: dayName(since) } },
        { projection: { executions: 1, dropped: 1 } },
      );
      return {
        known: found.some(({ executions = 0 }) => executions > 0),
        dropped: found.reduce((sum, { dropped = 0 }) => sum + dropped, 0),
      };
    },
  };
}

/** How often an operation used a coordinate. */
export function countOf(row: Pick<UsageRow, 'counts'>, coordinate: string): number {
  return row.counts[keyOf(coordinate)] ?? 0;
}

/** A dot in a name would mean a path. */
function keyOf(coordinate: string): string {
  return coordinate.replaceAll('.', ':');
}

function coordinatesOf(operation: ReportedOperation): string[] {
  const { fields, arguments: args, inputFields, enumValues } = operation;
  return [...new Set([...fields, ...args, ...inputFields, ...enumValues])];
}

function countsOnly(coordinates: readonly string[]): Record<string, 1> {
  return Object.fromEntries(coordinates.map((coordinate) => [`counts.${keyOf(coordinate)}`, 1] as const));
}

function increments(coordinates: readonly string[], count: number): Record<string, number> {
  return Object.fromEntries(coordinates.map((coordinate) => [`counts.${keyOf(coordinate)}`, count]));
}

/** The row of this client, else of the operation whoever calls it, else of all operations. */
async function rowFor(room: Room, hour: Date, operation: string, client: UsageRow['client']) {
  const short = { name: client.name.slice(0, 100), version: client.version.slice(0, 100) };
  const own = createHash('sha256').update(JSON.stringify(short)).digest('hex').slice(0, 24);
  const at = hour.toISOString();
  if (operation !== OTHER && (await room.takes(hour, `${operation}:${own}`))) {
    return { _id: `${at}:${operation}:${own}`, operation, client: short };
  }
  return { _id: `${at}:${operation}`, operation, client: { name: OTHER, version: '' } };
}

/** A gateway whose clock is wrong, or that was cut off for long, counts as of now or as of the oldest that is kept. */
function plausible(to: Date, now: Date, retentionDays: number): Date {
  if (to > now) return now;
  const oldest = now.getTime() - (retentionDays - 1) * DAY_MS;
  return new Date(Math.max(to.getTime(), oldest));
}

function startOf(at: Date, unitMs: number): Date {
  return new Date(at.getTime() - (at.getTime() % unitMs));
}

function dayName(at: Date): string {
  return at.toISOString().slice(0, 10);
}

async function upsert<T extends StoredDocument>(
  collection: Collection<T>,
  _id: string,
  update: Update,
): Promise<void> {
  try {
    await collection.updateOne({ _id }, update, { upsert: true });
  } catch (error) {
    // Somebody else has inserted it just now: then there is something to update.
    if (!(error instanceof DuplicateKeyError)) throw error;
    await collection.updateOne({ _id }, update, { upsert: true });
  }
}

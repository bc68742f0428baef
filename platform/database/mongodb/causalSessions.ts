import { type ClientSession, type MongoClient, MongoServerError, ReadPreference, Timestamp } from 'mongodb';
import type { CausalContext } from '../database.js';
import {
  formatOperationTime,
  laterOperationTime,
  type OperationTime,
  parseOperationTime,
} from '../operationTime.js';
import { isTimeLimit } from './translateError.js';

const INVALID_OPTIONS = 72;

/** What a read gets from here for its driver call. */
export interface ReadSettings {
  readonly maxTimeMS: number;
  readonly session?: ClientSession;
  readonly readPreference?: ReadPreference;
}

export interface CausalSessions {
  /** Runs a read on data that is at least as new as the context demands. */
  read<R>(
    causal: CausalContext | undefined,
    collection: { readonly primaryOnly: boolean; readonly maxTimeMs: number },
    run: (settings: ReadSettings) => Promise<R>,
  ): Promise<R>;
  /** Runs a write and moves `causal.last` to its time, also when it failed: it may have happened. */
  write<R>(causal: CausalContext | undefined, run: (session?: ClientSession) => Promise<R>): Promise<R>;
  timeOf(timestamp: Timestamp): OperationTime;
}

export function createCausalSessions(
  client: MongoClient,
  cluster: string,
  causalWaitMs: number,
): CausalSessions {
  const timeOf = (timestamp: Timestamp) => formatOperationTime(cluster, timestamp.toBigInt());

  /** The latest time of this cluster that the context knows. Times of another cluster mean nothing here. */
  function demandedTime(causal: CausalContext | undefined): Timestamp | undefined {
    let latest: bigint | undefined;
    for (const time of [causal?.after, causal?.last]) {
      const parsed = time === undefined ? undefined : parseOperationTime(time);
      if (parsed?.cluster === cluster && (latest === undefined || parsed.value > latest))
        latest = parsed.value;
    }
    return latest === undefined ? undefined : new Timestamp(latest);
  }

  async function readAfter<R>(time: Timestamp, run: (session: ClientSession) => Promise<R>): Promise<R> {
    const session = client.startSession({ causalConsistency: true });
    try {
      session.advanceOperationTime(time);
      return await run(session);
    } finally {
      await session.endSession();
    }
  }

  return {
    timeOf,

    async read(causal, { primaryOnly, maxTimeMs }, run) {
      const time = demandedTime(causal);
      if (time === undefined) return run({ maxTimeMS: maxTimeMs });
      if (!primaryOnly) {
        const maxTimeMS = Math.min(causalWaitMs, maxTimeMs);
        try {
          return await readAfter(time, (session) => run({ maxTimeMS, session }));
        } catch (error) {
          if (!isTimeLimit(error) && !isUnknownTime(error)) throw error;
        }
      }
      const onPrimary = { maxTimeMS: maxTimeMs, readPreference: ReadPreference.primary };
      try {
        return await readAfter(time, (session) => run({ ...onPrimary, session }));
      } catch (error) {
        // A time that even the primary has not reached is not of this history (a forged token, a restored backup).
        if (!isUnknownTime(error)) throw error;
        return run(onPrimary);
      }
    },

    async write(causal, run) {
      if (causal === undefined) return run();
      const session = client.startSession({ causalConsistency: true });
      try {
        return await run(session);
      } finally {
        if (session.operationTime)
          causal.last = laterOperationTime(causal.last, timeOf(session.operationTime));
        await session.endSession();
      }
    },
  };
}

/** The server refuses at once to wait for a time beyond its own clock; a lagging secondary does so as well. */
function isUnknownTime(error: unknown): boolean {
  return (
    error instanceof MongoServerError &&
    error.code === INVALID_OPTIONS &&
    error.message.includes('afterClusterTime')
  );
}

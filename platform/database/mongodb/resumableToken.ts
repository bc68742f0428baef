import { type Db, MongoServerError, ReadPreference, Timestamp } from 'mongodb';
import { CursorLostError } from '../errors.js';
import { isSameToken, placeOf, type Token, ticksOfToken } from './changeCursor.js';

/** ChangeStreamHistoryLost: what is asked for is older than all that the server remembers. */
const HISTORY_LOST = 286;
const WAIT_MS = 100;
/** A stream begins this long after the latest operation: such a cursor is ahead of a cluster in which nothing happened since. */
const BEGINNING_TICKS = 1n;

/**
 * The token of a cursor, once it is certain that the cluster still has the history in which the cursor was made. After a
 * restored backup it may have another one under the same id, and opens without an error at a time that never was.
 * Fails with `CursorLostError`.
 */
export async function resumableToken(db: Db, cluster: string, cursor: string): Promise<Token> {
  const { token, lastEvent } = placeOf(cluster, cursor);
  const ticks = ticksOfToken(token);
  const hello = await db.admin().command({ hello: 1 }, { readPreference: ReadPreference.primary });
  const now = hello['$clusterTime']?.clusterTime as Timestamp | undefined;
  if (ticks !== undefined && now !== undefined && ticks > now.toBigInt() + BEGINNING_TICKS) {
    throw new CursorLostError('this cursor is ahead of the cluster: its history was replaced');
  }
  if (lastEvent !== undefined && !(await isInHistory(db, lastEvent, ticks))) {
    throw new CursorLostError('the event before this cursor never happened: its history was replaced');
  }
  return token;
}

/**
 * Resuming after an event that is not there fails only with the first later event, and a token between two events never
 * does: so the event is looked for where it has to be. One that is older than all that is remembered is no sign of a replaced
 * history: what is remembered begins after it.
 */
async function isInHistory(db: Db, event: Token, latest: bigint | undefined): Promise<boolean> {
  const ticks = ticksOfToken(event);
  // No event has such a token, or nobody would ever get there.
  if (ticks === undefined || (latest !== undefined && ticks > latest)) return false;
  const stream = db.watch([{ $project: { _id: 1 } }], {
    startAtOperationTime: new Timestamp(ticks),
    // It comes first, or never: what happened since is not to be searched for more.
    batchSize: 1,
    maxAwaitTimeMS: WAIT_MS,
    readPreference: ReadPreference.primary,
  });
  try {
    for (;;) {
      const found = (await stream.tryNext())?._id;
      if (found !== undefined && isSameToken(found, event)) return true;
      const reached = ticksOfToken(found ?? stream.resumeToken);
      if (reached === undefined || reached > ticks) return false;
    }
  } catch (error) {
    if (error instanceof MongoServerError && error.code === HISTORY_LOST) return true;
    throw error;
  } finally {
    await stream.close();
  }
}

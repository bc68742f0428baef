import type { ChangeStream, ChangeStreamDocument, Db, Document, ResumeToken } from 'mongodb';
import { ReadPreference } from 'mongodb';
import type { ChangeEvent, ChangeFeed, Heartbeat, StoredDocument, WatchOptions } from '../database.js';
import { CursorLostError } from '../errors.js';
import { formatOperationTime } from '../operationTime.js';
import { cursorOf, heartbeatCursorOf, placeOf, timeOfToken } from './changeCursor.js';
import { resumableToken } from './resumableToken.js';
import { translateWatchError } from './translateWatchError.js';

export interface MongodbChangeFeedOptions extends WatchOptions {
  readonly cluster: string;
  /** A wait for events must end before the socket is given up as dead. */
  readonly longestWaitMs: number;
  /** Called when the feed has ended, whoever ended it. */
  readonly onClose: () => void;
}

const OPERATIONS: Readonly<Record<string, ChangeEvent['operation']>> = {
  insert: 'insert',
  update: 'update',
  replace: 'update',
  delete: 'delete',
};

/** One change stream on the database, opened at once. */
export function openMongodbChangeFeed(db: Db, options: MongodbChangeFeedOptions): ChangeFeed {
  const { cluster, after, heartbeatMs, longestWaitMs } = options;
  let stream: ChangeStream | undefined;
  let closed = false;
  let endWait = (): void => undefined;
  let first: Promise<ChangeStreamDocument | null> | undefined;
  let lastEvent: ResumeToken | undefined;

  const heartbeat = (token: ResumeToken): Heartbeat => ({
    kind: 'heartbeat',
    cursor: heartbeatCursorOf(cluster, token, lastEvent),
    operationTime: timeOfToken(cluster, token),
  });

  async function open(): Promise<Heartbeat> {
    const resumeAfter = after === undefined ? undefined : await resumableToken(db, cluster, after);
    if (after !== undefined) lastEvent = placeOf(cluster, after).lastEvent;
    if (closed) throw new Error('the feed was closed before it had opened');
    const opened = db.watch(pipelineFor(options), {
      fullDocument: 'whenAvailable',
      fullDocumentBeforeChange: 'whenAvailable',
      maxAwaitTimeMS: Math.min(heartbeatMs, longestWaitMs),
      readPreference: ReadPreference.primary,
      ...(resumeAfter && { resumeAfter }),
    });
    stream = opened;
    // The stream is opened by its first read, which then goes on to wait for an event; the token tells that it is open.
    const token = new Promise<ResumeToken>((resolve) => opened.once('resumeTokenChanged', resolve));
    first = opened.tryNext();
    first.catch(() => undefined);
    const item = await Promise.race([token, first.then(() => opened.resumeToken)]);
    return heartbeat(item);
  }

  const opening = open().catch((error) => {
    throw translateWatchError(error, after !== undefined);
  });
  const ready = opening.then(() => undefined);
  // Both are for those who want to wait; the iteration reports the same fault.
  ready.catch(() => undefined);

  async function* iterate(): AsyncGenerator<ChangeEvent | Heartbeat, void> {
    try {
      const beginning = await opening;
      if (after === undefined) yield beginning;
      while (!closed && stream) {
        const document = await orClosed(first ?? stream.tryNext());
        first = undefined;
        if (document === undefined) return;
        if (document !== null) lastEvent = document._id;
        yield document === null ? heartbeat(stream.resumeToken) : changeOf(document, cluster);
      }
    } catch (error) {
      if (!closed) throw translateWatchError(error, true);
    } finally {
      await close();
    }
  }

  /** The server holds on to a waiting read after its cursor is killed; the reader of a closed feed does not wait for it. */
  function orClosed<R>(pending: Promise<R>): Promise<R | undefined> {
    return new Promise((resolve, reject) => {
      endWait = () => resolve(undefined);
      pending.then(resolve, reject);
      if (closed) endWait();
    });
  }

  async function close(): Promise<void> {
    closed = true;
    endWait();
    options.onClose();
    await opening.catch(() => undefined);
    await stream?.close();
  }

  const iterator = iterate();
  return { ready, close, [Symbol.asyncIterator]: () => iterator };
}

function pipelineFor({ collections, without = [] }: WatchOptions): Document[] {
  const unread = without.flatMap((field) => [`fullDocument.${field}`, `fullDocumentBeforeChange.${field}`]);
  return [
    {
      $match: {
        $or: [
          { 'ns.coll': { $in: [...collections] } },
          { 'to.coll': { $in: [...collections] } },
          { operationType: { $in: ['dropDatabase', 'invalidate'] } },
        ],
      },
    },
    // How an update was made is read by nobody, and names these fields too.
    ...(unread.length > 0 ? [{ $unset: [...unread, 'updateDescription'] }] : []),
  ];
}

function changeOf(document: ChangeStreamDocument, cluster: string): ChangeEvent {
  const operation = OPERATIONS[document.operationType];
  if (operation === undefined || !('documentKey' in document)) {
    throw new CursorLostError(`what was watched has changed as a whole (${document.operationType})`);
  }
  const images = document as { fullDocumentBeforeChange?: unknown; fullDocument?: unknown };
  return {
    kind: 'change',
    collection: document.ns.coll,
    operation,
    id: String(document.documentKey._id),
    before: (images.fullDocumentBeforeChange ?? undefined) as StoredDocument | undefined,
    after: (images.fullDocument ?? undefined) as StoredDocument | undefined,
    cursor: cursorOf(cluster, document._id),
    operationTime: formatOperationTime(
      cluster,
      (document.clusterTime as NonNullable<typeof document.clusterTime>).toBigInt(),
    ),
  };
}

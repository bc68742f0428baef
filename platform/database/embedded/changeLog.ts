import { randomBytes } from 'node:crypto';
import type { ChangeEvent, StoredDocument } from '../database.js';
import { CursorLostError } from '../errors.js';
import { formatOperationTime, type OperationTime } from '../operationTime.js';

export interface LoggedChange {
  readonly sequence: number;
  readonly collection: string;
  readonly operation: ChangeEvent['operation'];
  readonly id: string;
  /** Shared with the collection, which never changes a stored object in place. */
  readonly before: StoredDocument | undefined;
  readonly after: StoredDocument | undefined;
}

/**
 * The last `capacity` changes of a database, numbered from 1.
 * Numbers and cursors carry a boot id, since the log of an earlier process is gone.
 */
export class ChangeLog {
  readonly #bootId = `boot-${randomBytes(8).toString('hex')}`;
  readonly #ring: LoggedChange[] = [];
  readonly #waiting = new Set<() => void>();
  #head = 0;

  constructor(readonly capacity: number) {}

  /** The number of the latest change. */
  get head(): number {
    return this.#head;
  }

  append(change: Omit<LoggedChange, 'sequence'>): void {
    this.#head++;
    this.#ring[this.#head % this.capacity] = { ...change, sequence: this.#head };
    for (const wake of this.#waiting) wake();
  }

  /** The change after `sequence`, if there is one yet. Fails with `CursorLostError` when it was overwritten. */
  next(sequence: number): LoggedChange | undefined {
    if (sequence >= this.#head) return undefined;
    const change = this.#ring[(sequence + 1) % this.capacity];
    if (change?.sequence !== sequence + 1) {
      throw new CursorLostError(`only the last ${this.capacity} changes are kept, and this cursor is older`);
    }
    return change;
  }

  /** Calls back after every append until the returned function is called. */
  onAppend(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => this.#waiting.delete(wake);
  }

  timeOf(sequence: number): OperationTime {
    return formatOperationTime(this.#bootId, BigInt(sequence));
  }

  cursorOf(sequence: number): string {
    return `${this.#bootId}:${sequence}`;
  }

  /** Fails with `CursorLostError` for anything that is not a cursor of this log. */
  sequenceOf(cursor: string): number {
    const match = /^([\w-]+):(\d{1,15})$/.exec(cursor);
    const sequence = Number(match?.[2]);
    if (match?.[1] !== this.#bootId || sequence > this.#head) {
      throw new CursorLostError(
        'this cursor is of another process: the embedded database forgets when it ends',
      );
    }
    return sequence;
  }
}

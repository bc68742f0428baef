import type { ChangeEvent, Heartbeat } from '../../platform/database/database.js';
import type { OperationTime } from '../../platform/database/operationTime.js';

export type Change = ChangeEvent | Heartbeat;

/** The last few entries of a change stream, numbered from 0 on, whatever has been dropped since. */
export class ChangeRing {
  readonly #entries: Change[] = [];
  readonly #positions = new Map<string, number>();
  #dropped = 0;

  constructor(readonly capacity: number) {}

  /** Position of the next entry to come. */
  get end(): number {
    return this.#dropped + this.#entries.length;
  }

  get last(): Change | undefined {
    return this.#entries.at(-1);
  }

  push(entry: Change): void {
    this.#positions.set(entry.cursor, this.end);
    this.#entries.push(entry);
    if (this.#entries.length > this.capacity) this.#dropOldest();
  }

  /** `undefined` when the entry has been dropped, or is still to come. */
  at(position: number): Change | undefined {
    return this.#entries[position - this.#dropped];
  }

  /** Where to go on after the entry with this cursor; `undefined` when it is not here. */
  positionAfter(cursor: string): number | undefined {
    const position = this.#positions.get(cursor);
    return position === undefined ? undefined : position + 1;
  }

  /** Whether every entry of this time or later is here, or still to come. */
  hasAllFrom(time: OperationTime | undefined): time is OperationTime {
    const oldest = this.#entries[0]?.operationTime;
    return time !== undefined && oldest !== undefined && oldest < time;
  }

  /** Of the first entry of this time or later; `undefined` when it is still to come. */
  positionFrom(time: OperationTime): number | undefined {
    const isFrom = ({ operationTime }: Change) => operationTime !== undefined && operationTime >= time;
    if (this.last === undefined || !isFrom(this.last)) return undefined;
    return this.#dropped + this.#entries.findIndex(isFrom);
  }

  #dropOldest(): void {
    const oldest = this.#entries.shift() as Change;
    // A heartbeat may repeat the cursor of the entry before it: only the latest of them counts.
    if (this.#positions.get(oldest.cursor) === this.#dropped) this.#positions.delete(oldest.cursor);
    this.#dropped += 1;
  }
}

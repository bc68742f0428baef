import type { Logger } from '../../../platform/logger.js';
import type { CursorStore } from './cursorStore.js';

/** What the replay moves. */
export interface ReplayHost {
  /** The last applied cursor of this process. */
  readonly cursor: string | undefined;
  /** Nothing reads the shared cache, and the cursor is not saved. */
  hold(): void;
  release(): void;
  /** The shared cache came back without a cursor: what it holds of this subgraph is worth nothing. */
  dropShared(): Promise<void>;
  /** Connects to the feed anew, from where it stands: it has caught up when all that has happened by now is applied. */
  reconnect(): void;
  /** Applies everything after this cursor again. */
  rewind(cursor: string): void;
}

/**
 * Brings the shared cache back into use after it was out of reach. It may have come back as it was an hour ago, so its
 * own cursor tells from where purges have to be repeated; until that is done it is not read.
 *
 * That cursor can also be ahead of this process, since others save theirs there, and cursors do not compare. Going there
 * would leave out what this process has not applied yet; so it catches up with the present first, and goes back then.
 *
 * `unknown`: its cursor could not be read so far. `catching-up`: to what has happened when it was read. `replaying`: from
 * it, until the feed has caught up again.
 */
export class SharedReplay {
  #state: 'in-use' | 'unknown' | 'catching-up' | 'replaying' = 'in-use';
  #running: Promise<void> | undefined;
  /** Where the shared cache stands, while this process catches up. */
  #from = '';
  /** Whether the feed is on its way from an older cursor: where it stands says nothing of the shared cache then. */
  #isRewound = false;

  constructor(
    readonly subgraph: string,
    readonly store: CursorStore,
    readonly host: ReplayHost,
    readonly logger: Logger,
  ) {}

  get unknown(): boolean {
    return this.#state === 'unknown';
  }

  /** The shared cache did not do what it was told. */
  lost(err: unknown): void {
    this.host.hold();
    if (this.#state !== 'unknown') {
      const { subgraph } = this;
      this.logger.warn({ err, subgraph }, 'the shared cache is bypassed until its cursor can be read');
    }
    this.#state = 'unknown';
  }

  /** Never rejects: when it fails, it is to be called again. */
  start(): Promise<void> {
    this.#running ??= this.#replay().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Everything that had happened when the session began is applied. */
  caughtUp(): void {
    this.#isRewound = false;
    if (this.#state === 'replaying') this.#finish();
    if (this.#state !== 'catching-up') return;
    this.#state = 'replaying';
    this.#isRewound = true;
    this.host.rewind(this.#from);
  }

  async #replay(): Promise<void> {
    this.host.hold();
    try {
      const stored = await this.store.load(this.subgraph);
      if (stored === undefined) await this.host.dropShared();
      if (stored === undefined || (stored === this.host.cursor && !this.#isRewound)) {
        this.#finish();
      } else if (stored === this.host.cursor) {
        // It is on its way from there already.
        this.#state = 'replaying';
      } else {
        this.#state = 'catching-up';
        this.#from = stored;
        this.host.reconnect();
      }
    } catch (err) {
      this.lost(err);
    }
  }

  #finish(): void {
    this.#state = 'in-use';
    this.host.release();
  }
}

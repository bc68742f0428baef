import { CursorLostError } from '../../platform/database/errors.js';
import { CodedError } from '../../platform/errors.js';
import { cancellable } from './cancellable.js';
import type { Change } from './changeRing.js';
import type { ChangeSource } from './changeSource.js';
import { positionOf } from './eventPosition.js';

interface Lost {
  readonly lost: CursorLostError;
}
interface Found<T> {
  readonly value: T;
  readonly change: Change;
}
type Payload<T> = Lost | Found<T>;

export interface LiveSelection<T> {
  /** Begin after this cursor; without it, where the gateway was cut off, or now. */
  readonly after?: string | undefined;
  /** What subscribers get for a change; `undefined` leaves it out. */
  select(change: Change): T | undefined;
}

export interface LiveField<A, C, T> {
  subscribe(source: unknown, args: A, context: C): AsyncGenerator<Payload<T>, void, undefined>;
  resolve(payload: Payload<T>, args?: A, context?: C): T;
}

/**
 * A subscription field over the change stream of the process. When changes were lost, the subscriber gets an error with
 * the code `CURSOR_LOST` and the subscription ends: it must drop what it derived, and may subscribe again.
 *
 * @param prepare checks arguments and identity before the subscription begins; what it throws refuses it
 */
export function liveField<A, C, T>(
  changes: ChangeSource,
  prepare: (args: A, context: C) => LiveSelection<T>,
): LiveField<A, C, T> {
  return {
    subscribe(_source, args, context) {
      const { after = positionOf(context)?.after, select } = prepare(args, context);
      return cancellable(async function* (signal) {
        const source = changes.subscribe({ after });
        signal.addEventListener('abort', () => void source.return(), { once: true });
        try {
          for await (const change of source) {
            const value = select(change);
            if (value !== undefined) yield { value, change };
          }
        } catch (error) {
          if (!(error instanceof CursorLostError)) throw error;
          // As a last value, not as a failed stream: only a value can carry a coded error to the client.
          yield { lost: error };
        }
      });
    },
    resolve(payload, _args, context) {
      if ('value' in payload) {
        const position = positionOf(context);
        if (position !== undefined) position.current = payload.change;
        return payload.value;
      }
      throw new CodedError('CURSOR_LOST', 'Events after this cursor are gone.', { cause: payload.lost });
    },
  };
}

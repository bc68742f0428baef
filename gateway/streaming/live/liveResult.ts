import type { GraphQLFormattedError } from 'graphql';
import { jsonPatch } from './jsonPatch.js';
import type { NotLive } from './notLiveFields.js';

/** What one execution of a live query brought, in the form in which clients see it. */
export interface LiveResult {
  readonly errors?: readonly GraphQLFormattedError[] | undefined;
  readonly data: unknown;
  readonly valueCompletion?: readonly GraphQLFormattedError[] | undefined;
  readonly notLive: readonly NotLive[];
}

/**
 * The results of one live query, as bytes. One that equals the last is nobody's business. With patches, each message has
 * a number: a patch turns the data of the message before it into its own.
 */
export class LiveResults {
  readonly #usesPatches: boolean;
  #last: { readonly result: LiveResult; readonly text: string } | undefined;
  #revision = 0;
  #latest: Buffer | undefined;

  constructor(usesPatches: boolean) {
    this.#usesPatches = usesPatches;
  }

  /** What one who comes now has to know. */
  get latest(): Buffer | undefined {
    if (this.#last === undefined) return undefined;
    this.#latest ??= this.#whole(this.#last.result);
    return this.#latest;
  }

  /** @returns what the others are sent; `undefined` when it equals the last */
  take(result: LiveResult): Buffer | undefined {
    const text = JSON.stringify(result);
    const before = this.#last;
    if (before?.text === text) return undefined;
    this.#last = { result, text };
    this.#latest = undefined;
    this.#revision += 1;
    if (!this.#usesPatches || before === undefined || !differInData(before.result, result))
      return this.latest;
    const patch = jsonPatch(before.result.data, result.data);
    const bytes = Buffer.from(
      JSON.stringify({ extensions: { headgate: { revision: this.#revision, patch } } }),
    );
    const whole = this.latest;
    return whole !== undefined && whole.length <= bytes.length ? whole : bytes;
  }

  #whole({ errors, data, valueCompletion, notLive }: LiveResult): Buffer {
    const headgate = {
      ...(this.#usesPatches && { revision: this.#revision }),
      ...(notLive.length > 0 && { notLive }),
    };
    const extensions = {
      ...(valueCompletion && { valueCompletion }),
      ...(Object.keys(headgate).length > 0 && { headgate }),
    };
    const hasExtensions = Object.keys(extensions).length > 0;
    return Buffer.from(JSON.stringify({ errors, data, extensions: hasExtensions ? extensions : undefined }));
  }
}

/** Whether a patch of the data is all there is to tell. */
function differInData(before: LiveResult, after: LiveResult): boolean {
  const hasMore = (result: LiveResult) => result.errors !== undefined || result.valueCompletion !== undefined;
  return (
    !hasMore(before) && !hasMore(after) && JSON.stringify(before.notLive) === JSON.stringify(after.notLive)
  );
}

import { createHash } from 'node:crypto';
import type { UsageTicket } from '../../usage/usageTicket.js';
import type { CacheRecord } from '../cacheTier.js';
import { COMPRESS_FROM_BYTES, type ContentEncoding, compress } from './contentEncoding.js';

/** The bytes of one encoding, ready to send. */
export interface Representation {
  readonly bytes: Buffer;
  /** The same as text, where it is short and ASCII: it goes out in one piece with the headers then, which is cheaper. */
  readonly text?: string | undefined;
  readonly encoding: ContentEncoding;
  /** Strong, and of this encoding alone (RFC 9110, section 8.8.3.3). */
  readonly etag: string;
}

/** For longer ones, copying them behind the headers costs more than it saves. */
const MAX_TEXT_BYTES = 4096;

/** A record's body as stored: media type, line feed, JSON. */
export function encodeBody(contentType: string, json: string): string {
  return `${contentType}\n${json}`;
}

/** A cached response made ready: each encoding is computed at most once, when it is first asked for. */
export class PreparedResponse {
  readonly contentType: string;
  /** What those who are given it use: worked out once for all of them. */
  usage: UsageTicket | undefined = undefined;
  readonly #plain: Representation;
  readonly #etagBase: string;
  readonly #compressed = new Map<ContentEncoding, Representation | Promise<Representation>>();

  constructor(
    readonly record: CacheRecord,
    /** Called when a compressed copy has been added, with its size. */
    readonly onGrown: (bytes: number) => void = () => {},
  ) {
    const end = record.body.indexOf('\n');
    this.contentType = record.body.slice(0, end);
    const json = record.body.slice(end + 1);
    const bytes = Buffer.from(json);
    this.#etagBase = createHash('sha256').update(bytes).digest('base64url').slice(0, 27);
    // As many bytes as characters: nothing but ASCII.
    const text = bytes.length === json.length && json.length <= MAX_TEXT_BYTES ? json : undefined;
    this.#plain = { bytes, text, encoding: 'identity', etag: `"${this.#etagBase}"` };
  }

  get bytes(): number {
    return this.#plain.bytes.length;
  }

  /** At once when these bytes are there; a promise only for the first who asks for a compressed encoding. */
  representation(encoding: ContentEncoding): Representation | Promise<Representation> {
    if (encoding === 'identity' || this.bytes < COMPRESS_FROM_BYTES) return this.#plain;
    const known = this.#compressed.get(encoding);
    if (known !== undefined) return known;
    const pending = compress(this.#plain.bytes, encoding).then(
      (bytes) => {
        const done: Representation = { bytes, encoding, etag: `"${this.#etagBase}-${encoding}"` };
        this.#compressed.set(encoding, done);
        this.onGrown(bytes.length);
        return done;
      },
      () => {
        // For want of memory, at a bad moment: those who wait get what there is, and the next one tries again.
        this.#compressed.delete(encoding);
        return this.#plain;
      },
    );
    this.#compressed.set(encoding, pending);
    return pending;
  }
}

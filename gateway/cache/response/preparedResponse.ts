import { createHash } from 'node:crypto';
import type { CacheRecord } from '../cacheTier.js';
import { COMPRESS_FROM_BYTES, type ContentEncoding, compress } from './contentEncoding.js';

/** The bytes of one encoding, ready to send. */
export interface Representation {
  readonly bytes: Buffer;
  readonly encoding: ContentEncoding;
  /** Strong, and of this encoding alone (RFC 9110, section 8.8.3.3). */
  readonly etag: string;
}

/** A record's body as stored: media type, line feed, JSON. */
export function encodeBody(contentType: string, json: string): string {
  return `${contentType}\n${json}`;
}

/** A cached response made ready: each encoding is computed at most once, when it is first asked for. */
export class PreparedResponse {
  readonly contentType: string;
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
    const bytes = Buffer.from(record.body.slice(end + 1));
    this.#etagBase = createHash('sha256').update(bytes).digest('base64url').slice(0, 27);
    this.#plain = { bytes, encoding: 'identity', etag: `"${this.#etagBase}"` };
  }

  get bytes(): number {
    return this.#plain.bytes.length;
  }

  /** At once when these bytes are there; a promise only for the first who asks for a compressed encoding. */
  representation(encoding: ContentEncoding): Representation | Promise<Representation> {
    if (encoding === 'identity' || this.bytes < COMPRESS_FROM_BYTES) return this.#plain;
    const known = this.#compressed.get(encoding);
    if (known !== undefined) return known;
    const pending = compress(this.#plain.bytes, encoding).then((bytes) => {
      const done: Representation = { bytes, encoding, etag: `"${this.#etagBase}-${encoding}"` };
      this.#compressed.set(encoding, done);
      this.onGrown(bytes.length);
      return done;
    });
    this.#compressed.set(encoding, pending);
    return pending;
  }
}

import { createHash } from 'node:crypto';
import type { UsageTicket } from '../../usage/usageTicket.js';
import type { CacheRecord } from '../cacheTier.js';
import { COMPRESS_FROM_BYTES, type ContentEncoding, compress } from './contentEncoding.js';

/** One encoding, ready to send. */
export interface Representation {
  /**
   * Text where it is short, each character a byte: it goes out in one piece with the headers, which is cheaper. A plain one
   * that is ASCII is part of the record: with a buffer beside it, 10,000 records of 1 KB took 38 MB more.
   */
  readonly body: Buffer | string;
  /** Of the body, in bytes. */
  readonly length: number;
  readonly encoding: ContentEncoding;
  /** Strong, and of this encoding alone (RFC 9110, section 8.8.3.3). */
  readonly etag: string;
}

/** With headers before it, it has to fit into the 16 KB that one write takes from the stack. */
const MAX_TEXT_BYTES = 15 * 1024;

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
  /** Made for the first who asks for a compressed encoding. */
  #compressed: Map<ContentEncoding, Representation | Promise<Representation>> | undefined;

  constructor(
    readonly record: CacheRecord,
    /** Called when a compressed copy has been added, with its size. */
    readonly onGrown: (bytes: number) => void = () => {},
  ) {
    const end = record.body.indexOf('\n');
    this.contentType = record.body.slice(0, end);
    const json = record.body.slice(end + 1);
    this.#etagBase = createHash('sha256').update(json).digest('base64url').slice(0, 27);
    const length = Buffer.byteLength(json);
    // As many bytes as characters: nothing but ASCII.
    const body = length === json.length && length <= MAX_TEXT_BYTES ? json : Buffer.from(json);
    this.#plain = { body, length, encoding: 'identity', etag: `"${this.#etagBase}"` };
  }

  /** What it takes besides the record. */
  get bytes(): number {
    return typeof this.#plain.body === 'string' ? 0 : this.#plain.length;
  }

  /** At once when these bytes are there; a promise only for the first who asks for a compressed encoding. */
  representation(encoding: ContentEncoding): Representation | Promise<Representation> {
    const plain = this.#plain;
    if (encoding === 'identity' || plain.length < COMPRESS_FROM_BYTES) return plain;
    this.#compressed ??= new Map();
    const compressed = this.#compressed;
    const known = compressed.get(encoding);
    if (known !== undefined) return known;
    const pending = compress(asBytes(plain.body), encoding).then(
      (bytes) => {
        const { length } = bytes;
        const done: Representation = {
          body: length <= MAX_TEXT_BYTES ? bytes.toString('latin1') : bytes,
          length,
          encoding,
          etag: `"${this.#etagBase}-${encoding}"`,
        };
        compressed.set(encoding, done);
        this.onGrown(length);
        return done;
      },
      () => {
        // For want of memory, at a bad moment: those who wait get what there is, and the next one tries again.
        compressed.delete(encoding);
        return plain;
      },
    );
    compressed.set(encoding, pending);
    return pending;
  }
}

function asBytes(body: Buffer | string): Buffer {
  return typeof body === 'string' ? Buffer.from(body) : body;
}

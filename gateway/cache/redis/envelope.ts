import { Keyv, type KeyvStoreAdapter } from 'keyv';
import type { CacheRecord } from '../cacheTier.js';

/** A record with where it stands among the invalidations of its tier. */
export interface StampedRecord {
  readonly record: CacheRecord;
  /** Which life of the tier's memory of invalidations it belongs to: letters and digits. */
  readonly incarnation: string;
  /** The sequence number taken before its load. */
  readonly sequence: string;
}

/** First word of what we store; another layout gets another one, and old records become misses. */
export const ENVELOPE_FORMAT = 'hg1';

const HEADER =
  /^hg1 ([A-Za-z0-9]+) (\d{1,16}) (\d{1,16}) (\d{1,16}) (\d{1,16}) (\d{1,16}) (\d{1,16}) (public|private) (\S+)$/;

/**
 * One line that scripts can read without the body, then the body: format, incarnation, sequence, bytes of the body,
 * four times, scope, tags.
 */
export function encodeEnvelope({ record, incarnation, sequence }: StampedRecord): string {
  const { body, createdAt, freshUntil, staleUntil, errorUntil, scope } = record;
  const times = [createdAt, freshUntil, staleUntil, errorUntil].map(wholeMs).join(' ');
  const tags = record.tags.map(encodeTag).join(',');
  return `${ENVELOPE_FORMAT} ${incarnation} ${sequence} ${Buffer.byteLength(body)} ${times} ${scope} ${tags}\n${body}`;
}

/** `undefined` for what is of another format, cut off, or not ours. */
export function decodeEnvelope(text: string): StampedRecord | undefined {
  const end = text.indexOf('\n');
  const fields = end === -1 ? null : HEADER.exec(text.slice(0, end));
  if (fields === null) return undefined;
  const [, incarnation, sequence, bytes, createdAt, freshUntil, staleUntil, errorUntil, scope, tags] =
    fields as unknown as string[] & { length: 10 };
  const body = text.slice(end + 1);
  if (Buffer.byteLength(body) !== Number(bytes)) return undefined;
  return {
    record: {
      body,
      tags: (tags as string).split(',').map(decodeTag),
      createdAt: Number(createdAt),
      freshUntil: Number(freshUntil),
      staleUntil: Number(staleUntil),
      errorUntil: Number(errorUntil),
      scope: scope as CacheRecord['scope'],
    },
    incarnation: incarnation as string,
    sequence: sequence as string,
  };
}

/** Without white space, commas and `#`, which have a meaning in headers and guards. Reversible. */
export function encodeTag(tag: string): string {
  if (tag === '') return '\\-';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what has to go
  return tag.replace(/[\u0000-\u0020\u007f\\,#\s]/g, (character) => {
    return `\\${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function decodeTag(text: string): string {
  if (text === '\\-') return '';
  return text.replace(/\\([0-9a-f]{4})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** Keyv with our envelope in place of its own: what one of both paths stores, the other reads. */
export function openEnvelopeKeyv(store: KeyvStoreAdapter): Keyv<StampedRecord> {
  const keyv = new Keyv<StampedRecord>({
    store,
    useKeyPrefix: false,
    throwOnErrors: true,
    serialize: ({ value }) => encodeEnvelope(value as unknown as StampedRecord),
    deserialize: <Value>(text: string) => {
      const value = decodeEnvelope(text);
      return value === undefined ? undefined : { value: value as Value, expires: undefined };
    },
  });
  // Keyv would put "keyv" before each key when left alone.
  keyv.namespace = undefined;
  return keyv;
}

function wholeMs(time: number): number {
  return Math.max(0, Math.min(Math.round(time), Number.MAX_SAFE_INTEGER));
}

import { promisify } from 'node:util';
import zlib from 'node:zlib';

type Decompress = (bytes: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

const DECOMPRESSORS: Readonly<Record<string, Decompress>> = {
  gzip: promisify(zlib.gunzip),
  'x-gzip': promisify(zlib.gunzip),
  deflate: promisify(zlib.inflate),
  br: promisify(zlib.brotliDecompress),
};

/** What `decompress` undoes, in the order of preference. */
export const ACCEPTED_ENCODINGS = 'gzip, br';

/**
 * Undoes a `Content-Encoding` of one step.
 * @param maxBytes that the result may have: a few bytes can stand for gigabytes
 * @returns `undefined` for an encoding that is not known
 * @throws RangeError (`ERR_BUFFER_TOO_LARGE`) for more than `maxBytes`, and zlib's errors for what is damaged
 */
export async function decompress(
  bytes: Buffer,
  encoding: string,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const undo = Object.hasOwn(DECOMPRESSORS, encoding) ? DECOMPRESSORS[encoding] : undefined;
  return undo?.(bytes, { maxOutputLength: maxBytes });
}

import { randomFillSync } from 'node:crypto';

const IDS = 128;
const ID_BYTES = 16;
const ID_CHARACTERS = 36;
/** The pieces of a UUID, in bytes: 8-4-4-4-12 characters. */
const PIECES = [
  [0, 4],
  [4, 6],
  [6, 8],
  [8, 10],
  [10, 16],
] as const;

let ids = '';
let next = 0;

/**
 * A random UUID (RFC 9562, version 4). Written many at a time into one text, of which each is a part:
 * `crypto.randomUUID` joins every single one of twenty pieces, and leaves all of them to be collected.
 */
export function newRequestId(): string {
  if (next >= ids.length) {
    ids = writeIds();
    next = 0;
  }
  const id = ids.slice(next, next + ID_CHARACTERS);
  next += ID_CHARACTERS;
  return id;
}

function writeIds(): string {
  const random = randomFillSync(Buffer.allocUnsafe(IDS * ID_BYTES));
  const written: string[] = [];
  for (let at = 0; at < random.length; at += ID_BYTES) {
    random[at + 6] = ((random[at + 6] as number) & 0x0f) | 0x40;
    random[at + 8] = ((random[at + 8] as number) & 0x3f) | 0x80;
    const pieces = PIECES.map(([from, to]) => random.toString('hex', at + from, at + to));
    written.push(pieces.join('-'));
  }
  return written.join('');
}

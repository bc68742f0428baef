import { randomFillSync } from 'node:crypto';

const IDS = 128;
const ID_BYTES = 16;
const ID_CHARACTERS = 36;
const HEX = Buffer.from('0123456789abcdef');
const DASH = 0x2d;
/** Before which bytes a dash stands: 8-4-4-4-12 characters. */
const PIECES_AT = new Set([4, 6, 8, 10]);

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
  const text = Buffer.allocUnsafe(IDS * ID_CHARACTERS);
  let end = 0;
  for (let at = 0; at < random.length; at++) {
    const place = at % ID_BYTES;
    if (PIECES_AT.has(place)) text[end++] = DASH;
    const byte = versioned(random[at] as number, place);
    text[end++] = HEX[byte >> 4] as number;
    text[end++] = HEX[byte & 0x0f] as number;
  }
  return text.toString('latin1');
}

/** The byte at this place, with the bits that say how the rest was made. */
function versioned(byte: number, place: number): number {
  if (place === 6) return (byte & 0x0f) | 0x40;
  if (place === 8) return (byte & 0x3f) | 0x80;
  return byte;
}

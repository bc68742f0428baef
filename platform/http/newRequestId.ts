import { randomFillSync } from 'node:crypto';

const IDS = 512;
const ID_BYTES = 16;
const ID_CHARACTERS = 36;
const HEX = Buffer.from('0123456789abcdef');
/** Where the two characters of each byte stand: 8-4-4-4-12. */
const PLACES = Uint8Array.of(0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34);

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
  // What is not written over are the dashes.
  const text = Buffer.alloc(IDS * ID_CHARACTERS, '-');
  for (let id = 0; id < IDS; id++) {
    for (let place = 0; place < ID_BYTES; place++) {
      const byte = versioned(random[id * ID_BYTES + place] as number, place);
      const at = id * ID_CHARACTERS + (PLACES[place] as number);
      text[at] = HEX[byte >> 4] as number;
      text[at + 1] = HEX[byte & 0x0f] as number;
    }
  }
  return text.toString('latin1');
}

/** The byte at this place, with the bits that say how the rest was made. */
function versioned(byte: number, place: number): number {
  if (place === 6) return (byte & 0x0f) | 0x40;
  if (place === 8) return (byte & 0x3f) | 0x80;
  return byte;
}

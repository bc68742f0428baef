import { createHash } from 'node:crypto';
import { decimals, table } from './support/table.js';

/** Of a key: the number of the shard that has it, of so many. */
export type Placement = (keys: readonly number[], shards: number) => readonly number[];

const RING_POINTS_PER_SHARD = 200;
const CHUNKS_PER_SHARD = 32;
const SPACE = 2 ** 32;

/** Where a text or number falls in the space of hashes; the same in each run. */
function hashOf(value: string | number): number {
  return createHash('md5').update(String(value)).digest().readUInt32BE(0);
}

const known = new Map<number, number>();

/** Kept, since every placement asks for the same ones again. */
function hashOfKey(key: number): number {
  let hash = known.get(key);
  if (hash === undefined) {
    hash = hashOf(key);
    known.set(key, hash);
  }
  return hash;
}

const modulo: Placement = (keys, shards) => keys.map((key) => hashOfKey(key) % shards);

/** A ring of points; a key belongs to the next one. */
const consistentHashing: Placement = (keys, shards) => {
  const ring = Array.from({ length: shards * RING_POINTS_PER_SHARD }, (_, index) => {
    const shard = index % shards;
    return { at: hashOf(`${shard}/${Math.floor(index / shards)}`), shard };
  }).sort((left, right) => left.at - right.at);
  return keys.map((key) => {
    const at = hashOfKey(key);
    let low = 0;
    let high = ring.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ring[middle]?.at ?? 0) < at) low = middle + 1;
      else high = middle;
    }
    return ring[low % ring.length]?.shard ?? 0;
  });
};

/**
 * Chunks of a space, handed out as MongoDB's balancer does: those that exist stay where they are, but for as many as a new
 * shard needs to have its part.
 */
function chunked(positionOf: (key: number) => number): Placement {
  return (keys, shards) => {
    const first = 2;
    const chunks = first * CHUNKS_PER_SHARD;
    const owners = Array.from({ length: chunks }, (_, chunk) => chunk % first);
    for (let shard = first; shard < shards; shard++) {
      for (let taken = 0; taken < Math.floor(chunks / (shard + 1)); taken++) {
        const counts = Array.from(
          { length: shard },
          (_, owner) => owners.filter((one) => one === owner).length,
        );
        owners[owners.lastIndexOf(counts.indexOf(Math.max(...counts)))] = shard;
      }
    }
    return keys.map((key) => owners[Math.min(chunks - 1, Math.floor(positionOf(key) * chunks))] ?? 0);
  };
}

export const PLACEMENTS: Readonly<Record<string, Placement>> = {
  'ranges of the key': chunked((key) => key / KEYS),
  'ranges of its hash': chunked((key) => hashOfKey(key) / SPACE),
  'consistent hashing': consistentHashing,
  'hash modulo shards': modulo,
};

const KEYS = 100_000;

export interface Resharding {
  /** Part of the keys that live on another shard afterwards. */
  readonly moved: number;
  /** The least that could have moved for the new shards to have their part. */
  readonly least: number;
  /** What the fullest shard has, in parts of the average. */
  readonly fullest: number;
}

export function reshard(place: Placement, from: number, to: number): Resharding {
  const keys = Array.from({ length: KEYS }, (_, key) => key);
  const before = place(keys, from);
  const after = place(keys, to);
  const counts = Array.from({ length: to }, () => 0);
  for (const shard of after) counts[shard] = (counts[shard] ?? 0) + 1;
  return {
    moved: after.filter((shard, key) => shard !== before[key]).length / KEYS,
    least: (to - from) / to,
    fullest: Math.max(...counts) / (KEYS / to),
  };
}

/** What moves when shards are added; a simulation of placement alone, without a database. */
export async function benchSharding(): Promise<string> {
  const rows = Object.entries(PLACEMENTS).flatMap(([name, place]) =>
    (
      [
        [2, 3],
        [3, 4],
        [4, 8],
      ] as const
    ).map(([from, to]) => {
      const { moved, least, fullest } = reshard(place, from, to);
      const percent = (part: number) => `${decimals(part * 100, 1)} %`;
      return [name, `${from} → ${to}`, percent(moved), percent(least), decimals(fullest, 2)];
    }),
  );
  return table(['placement', 'shards', 'keys moved', 'least possible', 'fullest / average'], rows);
}

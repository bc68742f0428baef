import type { CacheRecord } from './cacheTier.js';
import { Fence } from './fence.js';
import { endOf, ownCopy, stringBytes } from './recordBytes.js';
import { Sieve, type SieveItem } from './sieve.js';
import { LINK_BYTES, TagIndex } from './tagIndex.js';

/** The objects of one record (record, entry, numbers, list of tags) and its slot in the map. */
const ENTRY_BYTES = 560;

/** One larger than this part of the whole would push out too much else. */
const LARGEST_PART = 1 / 4;

/** The memory of invalidations gives nobody a hit: it may not grow until there is no room for anything else. */
const FENCE_PART = 1 / 8;

export interface MemoryStoreOptions {
  /** What everything here may take together: records, keys, tags, and the memory of invalidations. */
  readonly maxBytes: number;
  /** In ms since the epoch. @default Date.now */
  readonly now?: () => number;
  /** How many invalidated tags are remembered for loads under way. @default 50000 */
  readonly maxInvalidatedTags?: number;
  /** @default one that remembers `maxInvalidatedTags` */
  readonly fence?: Fence | undefined;
}

/** @typeParam Prepared what a reader made of the record and wants to find with it, such as bytes ready to send */
export interface MemoryEntry<Prepared> {
  readonly key: string;
  readonly record: CacheRecord;
  readonly prepared: Prepared | undefined;
}

/** Leads to the entry under one key without a look-up, as long as it is here: for whoever keeps something by that key. */
export class EntryLink<Prepared> {
  entry: Entry<Prepared> | undefined;
}

interface Entry<Prepared> extends MemoryEntry<Prepared>, SieveItem<Entry<Prepared>> {
  readonly key: string;
  readonly end: number;
  prepared: Prepared | undefined;
  /** Cut when the entry goes, or what holds the link would hold the record. */
  link: EntryLink<Prepared> | undefined;
  bytes: number;
}

/**
 * The cache in this process's memory: synchronous, fenced, and bounded in bytes. What was not used for some
 * time goes first.
 */
export class MemoryStore<Prepared = unknown> {
  readonly #maxBytes: number;
  readonly #now: () => number;
  readonly #fence: Fence;
  readonly #index = new TagIndex<Entry<Prepared>>();
  readonly #entries = new Sieve<Entry<Prepared>>();
  #entryBytes = 0;
  #evicted = 0;

  constructor({ maxBytes, now = Date.now, maxInvalidatedTags, fence }: MemoryStoreOptions) {
    this.#maxBytes = maxBytes;
    this.#now = now;
    this.#fence = fence ?? new Fence(maxInvalidatedTags, maxBytes * FENCE_PART);
  }

  /** What is in use of `maxBytes`. */
  get bytes(): number {
    return this.#entryBytes + this.#index.bytes + this.#fence.bytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** How many had to go for want of room. */
  get evicted(): number {
    return this.#evicted;
  }

  /** The same as `get`, for whoever has just stored it: counts as no use. */
  peek(key: string): MemoryEntry<Prepared> | undefined {
    const entry = this.#entries.peek(key);
    return entry !== undefined && entry.end > this.#now() ? entry : undefined;
  }

  /** Fresh or stale, but never past all of its times. @param link always the same for this key, and for no other */
  get(key: string, link?: EntryLink<Prepared>): MemoryEntry<Prepared> | undefined {
    const linked = link?.entry;
    if (linked !== undefined) linked.wasUsed = true;
    const entry = linked ?? this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.end <= this.#now()) {
      this.#remove(entry);
      return undefined;
    }
    if (link !== undefined && linked === undefined) connect(entry, link);
    return entry;
  }

  /**
   * The permission for a fill, to be taken before its load. It needs no giving back: an old one costs nothing, and is
   * refused at the latest when the invalidations since are no longer remembered.
   */
  begin(): number {
    return this.#fence.begin();
  }

  /** Whether a fill that began then, with these tags, would be kept. */
  admits(begun: number, tags: readonly string[]): boolean {
    return this.#fence.admits(begun, tags);
  }

  /** @returns what is kept now; `undefined` when the fill was refused, or is too large */
  set(key: string, record: CacheRecord, begun: number): MemoryEntry<Prepared> | undefined {
    if (!this.#fence.admits(begun, record.tags)) return undefined;
    const bytes = ENTRY_BYTES + stringBytes(key) + stringBytes(record.body) + record.tags.length * LINK_BYTES;
    const existing = this.#entries.peek(key);
    if (existing !== undefined) this.#remove(existing);
    if (bytes > this.#maxBytes * LARGEST_PART) return undefined;
    this.#add(key, record, bytes);
    this.#evict();
    return this.#entries.peek(key);
  }

  /** Keeps what was made of a record with it, as long as that very record is here. @param bytes what it takes */
  prepare(entry: MemoryEntry<Prepared>, prepared: Prepared, bytes: number): void {
    const kept = this.#entries.peek(entry.key);
    if (kept === undefined || kept.record !== entry.record) return;
    kept.prepared = prepared;
    this.grow(entry.key, bytes);
  }

  /** The record under this key takes this many bytes more, or fewer. */
  grow(key: string, bytes: number): void {
    const entry = this.#entries.peek(key);
    if (entry === undefined) return;
    entry.bytes += bytes;
    this.#entryBytes += bytes;
    this.#evict();
  }

  /**
   * Drops what bears one of the tags, and refuses the fills that began before.
   * @param onDrop told each key with the tag that it went for
   * @returns how many went
   */
  invalidate(tags: readonly string[], onDrop?: (key: string, tag: string) => void): number {
    this.#fence.invalidate(tags);
    let dropped = 0;
    for (const tag of tags) {
      for (const entry of this.#index.under(tag)) {
        this.#remove(entry);
        dropped += 1;
        onDrop?.(entry.key, tag);
      }
    }
    this.#evict();
    return dropped;
  }

  /** How many records bear one of the tags. */
  count(tags: readonly string[]): number {
    const now = this.#now();
    let count = 0;
    for (const entry of this.#index.find(tags)) if (entry.end > now) count += 1;
    return count;
  }

  /** Drops everything, and refuses all fills that began before. */
  clear(): void {
    this.#fence.invalidateEverything();
    for (let entry = this.#entries.pop(); entry !== undefined; entry = this.#entries.pop())
      this.#unlink(entry);
  }

  #add(key: string, record: CacheRecord, bytes: number): void {
    const entry = {
      key: ownCopy(key),
      end: endOf(record),
      prepared: undefined,
      link: undefined,
      bytes,
      wasUsed: false,
      newer: undefined,
      older: undefined,
    } as Entry<Prepared> & { record: CacheRecord };
    entry.record = {
      body: ownCopy(record.body),
      tags: this.#index.add(entry, record.tags),
      createdAt: record.createdAt,
      freshUntil: record.freshUntil,
      staleUntil: record.staleUntil,
      errorUntil: record.errorUntil,
      scope: record.scope,
    };
    this.#entries.add(entry);
    this.#entryBytes += bytes;
  }

  #evict(): void {
    while (this.bytes > this.#maxBytes) {
      const entry = this.#entries.pop();
      if (entry === undefined) return;
      this.#unlink(entry);
      this.#evicted += 1;
    }
  }

  #remove(entry: Entry<Prepared>): void {
    this.#entries.remove(entry);
    this.#unlink(entry);
  }

  #unlink(entry: Entry<Prepared>): void {
    this.#index.remove(entry, entry.record.tags);
    this.#entryBytes -= entry.bytes;
    if (entry.link !== undefined) entry.link.entry = undefined;
  }
}

function connect<Prepared>(entry: Entry<Prepared>, link: EntryLink<Prepared>): void {
  if (entry.link !== undefined) entry.link.entry = undefined;
  entry.link = link;
  link.entry = entry;
}

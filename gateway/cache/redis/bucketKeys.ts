/**
 * The names of everything in Redis. A bucket is one hash slot: its guard and its records, so that one script can look
 * at both, in a cluster as well. All gateways that share a Redis have to agree on the namespace and on the count.
 */
export class BucketKeys {
  readonly #prefixes: readonly string[];

  /** @throws when the namespace has characters with a meaning in key patterns or hash tags */
  constructor(
    readonly namespace: string,
    buckets: number,
  ) {
    if (!/^[\w.-]+$/.test(namespace)) {
      throw new Error(`a namespace of letters, digits, "_", "-" and "." is needed, not ${namespace}`);
    }
    this.#prefixes = Array.from({ length: buckets }, (_, bucket) => {
      return `{${namespace}:${String(bucket).padStart(2, '0')}}:`;
    });
  }

  get count(): number {
    return this.#prefixes.length;
  }

  bucketOf(key: string): number {
    return this.count === 1 ? 0 : fnv1a(key) % this.count;
  }

  guard(bucket: number): string {
    return `${this.#prefixes[bucket]}guard`;
  }

  record(bucket: number, key: string): string {
    return `${this.#prefixes[bucket]}r:${key}`;
  }

  /** Tells who is loading the record at the moment. */
  lease(bucket: number, key: string): string {
    return `${this.#prefixes[bucket]}l:${key}`;
  }

  /** The bucket of a record by its name in Redis; `undefined` for what is not ours. */
  bucketOfRecord(name: string): number | undefined {
    const bucket = this.#prefixes.findIndex((prefix) => name.startsWith(`${prefix}r:`));
    return bucket === -1 ? undefined : bucket;
  }

  /** A pattern for SCAN that matches all records. */
  get recordPattern(): string {
    return `{${this.namespace}:*}:r:*`;
  }
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

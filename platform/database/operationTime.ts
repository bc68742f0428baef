/**
 * A point in the history of one cluster, as text: `<cluster>@<16 hex digits>`.
 * Times of one cluster compare as text; times of two clusters do not compare at all.
 * MongoDB: the replica set's (or sharded cluster's) name and the 64-bit timestamp. Embedded: boot id and a counter.
 */
export type OperationTime = string & { readonly __brand: 'OperationTime' };

/** Printable ASCII: it goes into headers. */
const PATTERN = /^([\x21-\x3f\x41-\x7e]{1,64})@([0-9a-f]{16})$/;

export function formatOperationTime(cluster: string, value: bigint): OperationTime {
  const name = cluster.replaceAll(/[^\x21-\x3f\x41-\x7e]/gu, encodeURIComponent);
  return `${name}@${value.toString(16).padStart(16, '0')}` as OperationTime;
}

/** `undefined` for anything that is not an operation time: tokens come from clients. */
export function parseOperationTime(text: string): { cluster: string; value: bigint } | undefined {
  const match = PATTERN.exec(text);
  return match ? { cluster: match[1] as string, value: BigInt(`0x${match[2]}`) } : undefined;
}

/** The later of two times of one cluster; when they are of different clusters, the second. */
export function laterOperationTime(a: OperationTime | undefined, b: OperationTime): OperationTime {
  if (a === undefined) return b;
  const sameCluster = a.slice(0, a.lastIndexOf('@')) === b.slice(0, b.lastIndexOf('@'));
  return sameCluster && a > b ? a : b;
}

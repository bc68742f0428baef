import { isJsonObject } from '../../execution/json.js';

/** RFC 6902; those of its operations that are made here. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** What turns `before` into `after`, both JSON. Of lists, the parts at both ends that stay equal are not sent. */
export function jsonPatch(before: unknown, after: unknown): PatchOperation[] {
  const operations: PatchOperation[] = [];
  compare(before, after, '', operations);
  return operations;
}

function compare(before: unknown, after: unknown, path: string, operations: PatchOperation[]): void {
  if (before === after) return;
  if (Array.isArray(before) && Array.isArray(after)) compareLists(before, after, path, operations);
  else if (isJsonObject(before) && isJsonObject(after)) compareObjects(before, after, path, operations);
  else operations.push({ op: 'replace', path, value: after });
}

function compareObjects(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  path: string,
  operations: PatchOperation[],
): void {
  for (const key of Object.keys(before)) {
    if (!Object.hasOwn(after, key)) operations.push({ op: 'remove', path: below(path, key) });
  }
  for (const key of Object.keys(after)) {
    const place = below(path, key);
    if (Object.hasOwn(before, key)) compare(before[key], after[key], place, operations);
    else operations.push({ op: 'add', path: place, value: after[key] });
  }
}

function compareLists(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
  operations: PatchOperation[],
): void {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && isEqual(before[head], after[head])) head++;
  let tail = 0;
  while (tail < shorter - head && isEqual(before.at(-1 - tail), after.at(-1 - tail))) tail++;
  const changed = shorter - head - tail;
  for (let index = head; index < head + changed; index++) {
    compare(before[index], after[index], below(path, index), operations);
  }
  const next = head + changed;
  // Each removal moves what follows to the same place.
  for (let count = before.length - shorter; count > 0; count--) {
    operations.push({ op: 'remove', path: below(path, next) });
  }
  for (let index = next; index < after.length - tail; index++) {
    operations.push({ op: 'add', path: below(path, index), value: after[index] });
  }
}

function isEqual(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one)) {
    return (
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((element, index) => isEqual(element, other[index]))
    );
  }
  if (!isJsonObject(one) || !isJsonObject(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isEqual(one[key], other[key]))
  );
}

/** RFC 6901. */
function below(path: string, key: string | number): string {
  return `${path}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

import { UsageError } from '../../usageError.js';

/** `v41` or `41`. @throws UsageError */
export function versionNumber(text: string): number {
  const number = /^v?([1-9]\d{0,8})$/.exec(text)?.[1];
  if (number === undefined) throw new UsageError(`${text}: expected a version such as v41`);
  return Number(number);
}

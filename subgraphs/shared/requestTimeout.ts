/** From the gateway: for how many milliseconds it waits for the answer. */
export const TIMEOUT_HEADER = 'headgate-timeout-ms';

/** `undefined` for anything that is no such number: nobody may make this process work for longer, or not at all. */
export function parseTimeoutMs(header: unknown): number | undefined {
  if (typeof header !== 'string' || !/^\d{1,6}$/.test(header)) return undefined;
  return Number(header);
}

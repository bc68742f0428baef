import { isIPv4 } from 'node:net';

/** Whether only programs on this machine can mean this address. */
export function isLoopback(host: string | undefined): boolean {
  if (host === undefined) return false;
  const address = host.toLowerCase().replace(/^::ffff:/, '');
  return address === 'localhost' || address === '::1' || (isIPv4(address) && address.startsWith('127.'));
}

/** The host in a `Host` header, without port and brackets. */
export function hostOf(header: string | undefined): string | undefined {
  return /^(?:\[([^\]]+)\]|([^:]+))(?::\d+)?$/
    .exec(header ?? '')
    ?.slice(1)
    .find((part) => part !== undefined);
}

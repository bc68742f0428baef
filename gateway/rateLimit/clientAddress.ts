import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** From where a request comes, as it is counted: an IPv4 address, or the /64 of an IPv6 one. */
export type AddressOf = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string;

/**
 * `X-Forwarded-For` is believed as far as it was written by proxies on the list: from the right, each of them vouches
 * for the one before it. Everything to the left of that is what a client made up.
 *
 * @param trustedProxies addresses and CIDR blocks. None: the header is not looked at
 */
export function createAddressOf(trustedProxies: readonly string[]): AddressOf {
  const trusted = toBlockList(trustedProxies);
  const isTrusted = (address: string) => trusted.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
  return ({ headers, socket }) => {
    let address = parseAddress(socket.remoteAddress ?? '');
    // The connection is gone, and nobody will see the answer.
    if (address === undefined) return 'unknown';
    if (trustedProxies.length > 0) {
      const forwarded = headers['x-forwarded-for'];
      let rest = Array.isArray(forwarded) ? forwarded.join(',') : (forwarded ?? '');
      while (rest !== '' && isTrusted(address)) {
        const comma = rest.lastIndexOf(',');
        const before = parseAddress(rest.slice(comma + 1));
        // Whoever sent this said nothing that could be used: it is counted itself.
        if (before === undefined) break;
        address = before;
        rest = rest.slice(0, Math.max(comma, 0));
      }
    }
    return isIPv4(address) ? address : networkOf(address);
  };
}

function toBlockList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

/** With a port or without, as proxies write it. An IPv4 address inside of IPv6 is that IPv4 address. */
function parseAddress(text: string): string | undefined {
  const bare = text.trim();
  if (isIPv4(bare)) return bare;
  const withPort = /^\[([^\]]+)\](?::\d+)?$/.exec(bare) ?? /^([\d.]+):\d+$/.exec(bare);
  const [address = ''] = (withPort?.[1] ?? bare).split('%');
  if (isIPv4(address)) return address;
  return isIPv6(address) ? (mappedAddress(address) ?? address) : undefined;
}

function mappedAddress(address: string): string | undefined {
  const written = address.slice('::ffff:'.length);
  if (address.startsWith('::ffff:') && isIPv4(written)) return written;
  const groups = groupsOf(address);
  if (groups.slice(0, 6).join() !== '0,0,0,0,0,ffff') return undefined;
  return groups
    .slice(6)
    .map((group) => Number.parseInt(group, 16))
    .flatMap((value) => [value >> 8, value & 0xff])
    .join('.');
}

/** One customer gets at least this much of IPv6, and could send each request from another address of it. */
const networkOf = (address: string): string => `${groupsOf(address).slice(0, 4).join(':')}::/64`;

/** The eight groups, without leading zeros, in lower case. */
function groupsOf(address: string): readonly string[] {
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [left = [], right] = canonical.split('::').map((half) => (half === '' ? [] : half.split(':')));
  if (right === undefined) return left;
  return [...left, ...new Array<string>(8 - left.length - right.length).fill('0'), ...right];
}

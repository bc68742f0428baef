import type { IncomingMessage } from 'node:http';
import { createAddressOf } from './clientAddress.js';

function addressOf(remoteAddress: string, forwarded?: string, trusted: readonly string[] = []): string {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  const socket = { remoteAddress } as IncomingMessage['socket'];
  return createAddressOf(trusted)({ headers, socket });
}

const proxies = ['10.0.0.0/8', '192.0.2.7', 'fd00::/8'];

describe('the address that a request is counted for', () => {
  it.each([
    ['the peer itself, whatever it claims', '203.0.113.9', '198.51.100.1', [], '203.0.113.9'],
    ['a peer that is not on the list', '203.0.113.9', '198.51.100.1', proxies, '203.0.113.9'],
    ['a proxy that says nothing', '10.1.2.3', undefined, proxies, '10.1.2.3'],
    ['behind one proxy', '10.1.2.3', '198.51.100.1', proxies, '198.51.100.1'],
    ['behind a proxy by its address alone', '192.0.2.7', '198.51.100.1', proxies, '198.51.100.1'],
    [
      'behind several, of either family',
      'fd12::1',
      '198.51.100.1, 10.9.9.9,192.0.2.7',
      proxies,
      '198.51.100.1',
    ],
    ['not what a client put before', '10.1.2.3', '1.1.1.1, 10.0.0.1, 198.51.100.1', proxies, '198.51.100.1'],
    ['the first proxy, when all are', '10.1.2.3', '10.0.0.1, 10.0.0.2', proxies, '10.0.0.1'],
    ['a proxy whose word is no address', '10.1.2.3', '1.1.1.1, unknown', proxies, '10.1.2.3'],
    ['a proxy that sent nothing between commas', '10.1.2.3', '1.1.1.1,', proxies, '10.1.2.3'],
    ['with a port', '10.1.2.3', '198.51.100.1:4711', proxies, '198.51.100.1'],
    ['of IPv6 with a port', '10.1.2.3', '[2001:DB8::1]:4711', proxies, '2001:db8:0:0::/64'],
    ['a mapped peer', '::ffff:203.0.113.9', undefined, [], '203.0.113.9'],
    ['a mapped proxy', '::ffff:10.1.2.3', '::ffff:c633:6401', proxies, '198.51.100.1'],
    ['a /64 of IPv6', '2001:db8:1:2:3:4:5:6', undefined, [], '2001:db8:1:2::/64'],
    ['the same, shortened', '2001:db8:1:2::9', undefined, [], '2001:db8:1:2::/64'],
    ['another one', '2001:db8:1:3::9', undefined, [], '2001:db8:1:3::/64'],
    ['an address with a zone', 'fe80::1%eth0', undefined, [], 'fe80:0:0:0::/64'],
    ['this machine', '::1', undefined, [], '0:0:0:0::/64'],
  ])('is of %s', (_what, peer, forwarded, trusted, expected) => {
    expect(addressOf(peer, forwarded, trusted)).toBe(expected);
  });
});

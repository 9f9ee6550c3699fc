import { expect, it } from 'vitest';
import { networkOfAddress } from '../../../lib/domain/clues/network-of-address.ts';

it.each([
  ['203.0.113.7', '203.0.113.0/24'],
  ['203.0.113.255', '203.0.113.0/24'],
  ['::ffff:203.0.113.7', '203.0.113.0/24'],
  ['2001:db8:1:2::7', '2001:db8:1::/48'],
  ['2001:0DB8:0001:ffff:1:2:3:4', '2001:db8:1::/48'],
  ['::1', '0:0:0::/48'],
  ['2001:db8::', '2001:db8:0::/48'],
  ['256.1.1.1', 'unknown'],
  ['1.2.3', 'unknown'],
  ['2001:db8:1', 'unknown'],
  ['1::2::3', 'unknown'],
  ['hostname', 'unknown'],
  ['', 'unknown'],
])('%s is of %s', (address, network) => {
  expect(networkOfAddress(address)).toBe(network);
});

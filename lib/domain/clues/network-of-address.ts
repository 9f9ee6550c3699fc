const GROUPS = 8;
const V4_PART = /^\d{1,3}$/;
const V6_GROUP = /^[0-9a-f]{1,4}$/i;

/** The eight groups of an IPv6 address; undefined for what is none. */
function groupsOf(address: string): string[] | undefined {
  const [head = '', tail, ...more] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = GROUPS - before.length - after.length;
  const fits = tail === undefined ? zeros === 0 : zeros >= 1;
  if (more.length > 0 || !fits) return undefined;
  const groups = [...before, ...Array.from({ length: zeros }, () => '0'), ...after];
  return groups.every((group) => V6_GROUP.test(group)) ? groups : undefined;
}

/**
 * The network that an address belongs to, as far as one customer's goes: 256 addresses of IPv4, a /48 of IPv6.
 *
 * @returns one name for all that cannot be read, so that they count as one
 */
export function networkOfAddress(address: string): string {
  const v4 = address.replace(/^::ffff:(?=\d+\.)/i, '').split('.');
  if (v4.length === 4 && v4.every((part) => V4_PART.test(part) && Number(part) < 256)) {
    return `${v4.slice(0, 3).map(Number).join('.')}.0/24`;
  }
  const groups = groupsOf(address);
  if (groups === undefined) return 'unknown';
  const prefix = groups.slice(0, 3).map((group) => Number.parseInt(group, 16).toString(16));
  return `${prefix.join(':')}::/48`;
}

/** Which addresses are private. Knows addresses as numbers, neither names nor connections. */
import { BlockList, isIP } from "node:net";

/**
 * Addresses that are not the public internet's: IANA's special-purpose registries for IPv4 and IPv6. Translated and
 * tunnelled IPv6 (NAT64, 6to4, Teredo) is among them, since it can lead to any IPv4 address.
 */
const SPECIAL: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

// Of IPv6, 2000::/3 is all that is public.
const SPECIAL_6: readonly (readonly [string, number])[] = [
  ["::", 3],
  ["4000::", 2],
  ["8000::", 1],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

// Two lists: node takes an IPv4 address for its mapped IPv6 one, too.
const blocked = { ipv4: new BlockList(), ipv6: new BlockList() };
for (const [net, prefix] of SPECIAL) blocked.ipv4.addSubnet(net, prefix, "ipv4");
for (const [net, prefix] of SPECIAL_6) blocked.ipv6.addSubnet(net, prefix, "ipv6");

/** Whether an address is private, of this machine, or otherwise not public. What is no address is. */
export function isPrivate(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const family = isIP(mapped ?? address);
  if (family === 0) return true;
  const type = family === 4 ? "ipv4" : "ipv6";
  return blocked[type].check(mapped ?? address, type);
}

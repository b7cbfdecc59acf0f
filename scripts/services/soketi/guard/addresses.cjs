const { isIPv6 } = require('node:net')

/**
 * The key under which an address is counted, by the same rules as lib/addresses.ts: IPv6 by its /64, and IPv4 in IPv6
 * as IPv4. Removes the port that some proxies add.
 */
function addressKey(text) {
  const address = text.trim().replace(/^\[(.*)\](:\d+)?$|^([^:]*):\d+$/, '$1$3')
  if (!isIPv6(address)) return address
  const [left = [], right = []] = new URL(`http://[${address}]`).hostname
    .slice(1, -1)
    .split('::')
    .map((part) => part.split(':').filter(Boolean))
  const groups = [...left, ...Array(8 - left.length - right.length).fill('0'), ...right]
  return groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff'
    ? `ipv4 ${groups.slice(6).join(':')}`
    : `${groups.slice(0, 4).join(':')}::/64`
}

/** Counts the open sockets of each address. */
class Tally {
  counts = new Map()

  constructor(max) {
    this.max = max
  }

  isFull(address) {
    return this.max > 0 && (this.counts.get(address) ?? 0) >= this.max
  }

  add(address) {
    this.counts.set(address, (this.counts.get(address) ?? 0) + 1)
  }

  remove(address) {
    const left = (this.counts.get(address) ?? 0) - 1
    if (left > 0) this.counts.set(address, left)
    else this.counts.delete(address)
  }
}

module.exports = { addressKey, Tally }

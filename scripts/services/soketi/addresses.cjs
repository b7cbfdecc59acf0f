// How many sockets an address has open. Nothing here needs Soketi itself: guard.cjs applies it.
const { isIPv6 } = require('node:net')

/**
 * What an address counts as, as lib/addresses.ts has it for the site: IPv6 as its /64, IPv4 in IPv6 as IPv4. Some
 * proxies add the port.
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

/** Counts what each address has. */
class Tally {
  counts = new Map()

  constructor(most) {
    this.most = most
  }

  isFull(address) {
    return this.most > 0 && (this.counts.get(address) ?? 0) >= this.most
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

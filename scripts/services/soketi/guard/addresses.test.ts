import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'

const { addressKey, Tally } = createRequire(import.meta.url)('./addresses.cjs')

test('an IPv4 address is its own key, and an IPv6 address has the key of its /64', () => {
  for (const [address, key] of [
    ['203.0.113.7', '203.0.113.7'],
    [' 203.0.113.7:4711', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['[2001:db8::1]:443', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['unknown', 'unknown'],
  ] as const)
    assert.equal(addressKey(address), key, address)
})

test('IPv4 addresses within IPv6 have different keys', () => {
  const [one, same, other] = [
    '::ffff:203.0.113.7',
    '0000:0000:0000:0000:0000:ffff:cb00:7107',
    '::ffff:203.0.113.8',
  ]
  assert.equal(addressKey(one), addressKey(same))
  assert.notEqual(addressKey(one), addressKey(other))
})

test('an address is full at the limit, and no longer full when a socket closes', () => {
  const tally = new Tally(2)
  tally.add('a')
  assert.equal(tally.isFull('a'), false)
  tally.add('a')
  tally.add('b')
  assert.deepEqual([tally.isFull('a'), tally.isFull('b')], [true, false])
  for (const address of ['a', 'a', 'b']) tally.remove(address)
  assert.deepEqual([tally.isFull('a'), tally.counts.size], [false, 0])
  assert.equal(new Tally(0).isFull('a'), false, '0 means no limit')
})

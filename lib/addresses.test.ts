import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressKey, networkKey } from './addresses'

test('an IPv4 address counts by itself, also if mapped into IPv6', () => {
  for (const same of ['203.0.113.7', '::ffff:203.0.113.7', '::ffff:cb00:7107'])
    assert.equal(addressKey(same), '203.0.113.7', same)
  assert.notEqual(addressKey('203.0.113.8'), '203.0.113.7')
})

test('an IPv6 address counts by its /64', () => {
  for (const same of ['2001:db8:1:2::1', '2001:DB8:1:2:ffff::', '2001:0db8:0001:0002:1:2:3:4'])
    assert.equal(addressKey(same), '2001:db8:1:2::/64', same)
  assert.notEqual(addressKey('2001:db8:1:3::1'), '2001:db8:1:2::/64')
  assert.equal(addressKey('::1'), '0:0:0:0::/64')
})

test('a malformed address has no key', () => {
  for (const none of [null, '', 'unknown', 'x', '1.2.3.4.5', '203.0.113.7:80', '[::1]'])
    assert.equal(addressKey(none), undefined, String(none))
})

test('the network of an IPv6 address is its /48, and IPv4 has none', () => {
  for (const same of ['2001:db8:1:2::1', '2001:DB8:1:ffff::', '2001:0db8:0001:0002:1:2:3:4'])
    assert.equal(networkKey(same), '2001:db8:1::/48', same)
  assert.notEqual(networkKey('2001:db8:2:2::1'), '2001:db8:1::/48')
  for (const none of ['203.0.113.7', '::ffff:203.0.113.7', 'unknown', '', null])
    assert.equal(networkKey(none), undefined, String(none))
})

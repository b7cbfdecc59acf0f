import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lastAddress } from './origin'

test('the client’s address is the last of the list, without its port', () => {
  for (const [list, address] of [
    ['203.0.113.7', '203.0.113.7'],
    ['10.0.0.1, 203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:50123', '203.0.113.7'],
    ['2001:db8::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['10.0.0.1,[2001:db8::1]:50123', '2001:db8::1'],
  ])
    assert.equal(lastAddress(list), address)
  assert.equal(lastAddress(null), null)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conversationChannel, parseChannel, presenceChannel, userChannel } from './channels'

test('parsing a channel’s name gives what it was made from', () => {
  assert.deepEqual(parseChannel(userChannel('u1')), { kind: 'private-user', id: 'u1' })
  assert.deepEqual(parseChannel(conversationChannel('c1')), { kind: 'private-conversation', id: 'c1' })
  assert.deepEqual(parseChannel(presenceChannel('c1')), { kind: 'presence-conversation', id: 'c1' })
})

test('other names are not parsed', () => {
  for (const name of [
    '',
    'lobby',
    'user-u1',
    'private-user-',
    'private-room-x',
    'private-encrypted-user-u1',
    'xprivate-user-u1',
    'presence-user-u1',
    'PRIVATE-user-u1',
  ])
    assert.equal(parseChannel(name), undefined, name)
})

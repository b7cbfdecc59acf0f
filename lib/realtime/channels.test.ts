import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  attendanceChannel,
  conversationChannel,
  parseAttendance,
  parseChannel,
  peopleChannel,
  presenceChannel,
  signedInSession,
  userChannel,
} from './channels'

test('clients find each channel under the name that they know', () => {
  const names = [userChannel('u1'), conversationChannel('c1'), presenceChannel('c1'), peopleChannel]
  assert.deepEqual(
    [...names, attendanceChannel('c1', 'u1')],
    [
      ...['private-user-u1', 'private-conversation-c1', 'presence-conversation-c1'],
      ...['private-people', 'private-attendance-c1_u1'],
    ],
  )
})

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

test('an attendance channel is read back, and no other name is one', () => {
  assert.deepEqual(parseAttendance(attendanceChannel('c1', 'u1')), { conversationId: 'c1', userId: 'u1' })
  for (const name of [
    '',
    'c1_u1',
    'private-attendance-c1',
    'private-attendance-c1_',
    'private-attendance-_u1',
  ])
    assert.equal(parseAttendance(name), undefined, name)
  assert.equal(parseAttendance('private-attendance-c1_u1_u2'), undefined)
})

test('of the channels that Pusher has for signed-in sockets the login session is read', () => {
  assert.equal(signedInSession('#server-to-user-s1'), 's1')
  for (const name of ['', '#server-to-user-', 'private-user-s1'])
    assert.equal(signedInSession(name), undefined)
})

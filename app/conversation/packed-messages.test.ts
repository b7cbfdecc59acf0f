import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messageView, personView } from '@/testing/views'
import { packMessages, unpackMessages } from './packed-messages'

test('messages are the same after packing, and most are smaller', () => {
  const sender = personView('ada')
  const messages = [
    messageView(1),
    messageView(2, { kind: 'notice', said: 1 }),
    messageView(3, { version: 4, editedAt: '2026-01-01T00:00:00.000Z', mentions: ['u'] }),
    messageView(4, { version: 5, deletedAt: '2026-01-01T00:00:00.000Z', body: '' }),
    messageView(5, { replyTo: { seq: 4, sender, excerpt: '', isDeleted: true } }),
    messageView(6, { version: 6, reactions: [{ emoji: '👍', count: 1, people: [sender], mine: true }] }),
  ]
  const packed = packMessages(messages)
  assert.deepEqual(unpackMessages(packed, 'c'), messages)
  assert.deepEqual(Object.keys(packed[0] ?? {}).sort(), ['body', 'createdAt', 'id', 'nonce', 'sender', 'seq'])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messageView } from '@/testing/views'
import { afterChanged, afterCreated, afterExpired, pageSize, stepsOf } from './stream-position'

const at = { seq: 5, version: 3 }

test('the next message moves the stream on, and one that was sent does not', () => {
  assert.deepEqual(afterCreated(at, { seq: 6, conversationVersion: 3 }), { seq: 6, version: 3 })
  // The message was stored before the stream's last change.
  assert.deepEqual(afterCreated(at, { seq: 6, conversationVersion: 2 }), { seq: 6, version: 3 })
  for (const seq of [4, 5]) assert.equal(afterCreated(at, { seq, conversationVersion: 3 }), at)
})

test('a message after a gap, or with a change that the stream does not know, means that something is missing', () => {
  assert.equal(afterCreated(at, { seq: 7, conversationVersion: 3 }), undefined)
  for (const seq of [5, 6]) assert.equal(afterCreated(at, { seq, conversationVersion: 4 }), undefined)
})

test('the next change moves the stream on, and one that was sent does not', () => {
  assert.deepEqual(afterChanged(at, { seq: 5, conversationVersion: 4 }), { seq: 5, version: 4 })
  for (const conversationVersion of [2, 3])
    assert.equal(afterChanged(at, { seq: 5, conversationVersion }), at)
})

test('a change after a gap, or of a message that the stream has not sent, means that something is missing', () => {
  assert.equal(afterChanged(at, { seq: 5, conversationVersion: 5 }), undefined)
  assert.equal(afterChanged(at, { seq: 6, conversationVersion: 4 }), undefined)
})

const steps = (updates: Parameters<typeof stepsOf>[1]) =>
  [...stepsOf(5, updates)].map(({ kind, message, at }) => [kind, message.seq, at.seq, at.version])

test('a page gives changes before messages, and each position resumes without a loss', () => {
  const changed = [messageView(4, { version: 4 }), messageView(2, { version: 6 })]
  const messages = [messageView(6, { version: 7 }), messageView(7)]
  assert.deepEqual(steps({ changed, messages, version: 7, firstSeq: 1, more: true }), [
    ['changed', 4, 5, 4],
    ['changed', 2, 5, 6],
    ['message', 6, 6, 7],
    ['message', 7, 7, 7],
  ])
})

test('messages wait until all changes before them were read, so that none is given twice', () => {
  const changed = Array.from({ length: pageSize }, (_, index) => messageView(1, { version: index + 4 }))
  const updates = { changed, messages: [messageView(6, { version: 99 })], version: 13 }
  assert.equal(steps({ ...updates, firstSeq: 1, more: true }).length, pageSize)
  assert.equal(steps({ ...updates, firstSeq: 1, more: false }).length, pageSize + 1)
})

test('what has expired moves the stream on, over messages that it has not sent', () => {
  assert.deepEqual(afterExpired(at, { firstSeq: 3, version: 4 }), { seq: 5, version: 4 })
  assert.deepEqual(afterExpired(at, { firstSeq: 9, version: 4 }), { seq: 8, version: 4 })
  assert.equal(afterExpired(at, { firstSeq: 3, version: 3 }), at)
  assert.equal(afterExpired(at, { firstSeq: 3, version: 5 }), undefined)
})

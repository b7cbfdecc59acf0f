import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Message } from '@/lib/views'
import { messageView } from '@/testing/views'
import { findGap, mergeMessages } from './merge-messages'

const list = (...seqs: number[]) => seqs.map((seq) => messageView(seq))
const seqsOf = (messages: Message[]) => messages.map(({ seq }) => seq)

test('messages are sorted by seq, in whatever order they arrive', () => {
  assert.deepEqual(seqsOf(mergeMessages(list(3, 4), list(5, 1, 2))), [1, 2, 3, 4, 5])
})

test('a message that arrives twice is listed once', () => {
  assert.deepEqual(seqsOf(mergeMessages(list(1, 2), list(2, 3, 3))), [1, 2, 3])
})

test('without new messages the list stays the same object, so that nothing is rendered again', () => {
  const known = list(1, 2, 3)
  assert.equal(mergeMessages(known, list(2, 3)), known)
  assert.equal(mergeMessages(known, []), known)
})

test('merging changes neither list', () => {
  const known = list(2)
  const more = list(1)
  mergeMessages(known, more)
  assert.deepEqual([seqsOf(known), seqsOf(more)], [[2], [1]])
})

test('the last message before the first hole is found', () => {
  assert.equal(findGap(list(1, 2, 5, 6, 9)), 2)
  assert.equal(findGap(list(7, 9)), 7)
})

test('a list without a hole has none, whatever its first seq', () => {
  for (const messages of [[], list(1), list(41, 42, 43)]) assert.equal(findGap(messages), undefined)
})

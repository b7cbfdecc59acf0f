import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConversationView, Member } from '@/lib/views'
import { messageView, personView } from '@/testing/views'
import { progressIn, readersOf } from './progress'

const member = (id: string): Member => ({
  ...personView(id),
  role: 'member',
  status: 'offline',
  lastSeenAt: null,
})
const receipt = (userId: string, lastReadSeq: number, lastDeliveredSeq = lastReadSeq) => ({
  userId,
  lastReadSeq,
  lastDeliveredSeq,
})

type Received = Pick<ConversationView, 'kind' | 'isClosed' | 'people' | 'receipts'>
const group = (ids: string[], receipts: Received['receipts']): Received => ({
  kind: 'group',
  isClosed: false,
  people: ids.map(member),
  receipts,
})

const own = (seq: number) => messageView(seq, { sender: personView('ada') })
const messages = [
  own(1),
  messageView(2),
  own(3),
  messageView(4, { ...own(4), kind: 'notice' }),
  own(5),
  own(6),
]
const inGroup = (received: Received) => Object.fromEntries(progressIn(received, messages, 'ada'))

test('in a group, the last message that so many have read says so', () => {
  const received = group(
    ['ada', 'bob', 'cyd', 'dan'],
    [receipt('ada', 6), receipt('bob', 3), receipt('cyd', 5)],
  )
  assert.deepEqual(inGroup(received), { 3: 'Read by 2 of 3', 5: 'Read by 1 of 3', 6: 'Sent' })
})

test('people who have left are not counted, and large groups show no readers', () => {
  assert.deepEqual(inGroup(group(['ada', 'bob'], [receipt('bob', 6), receipt('cyd', 6)])), {
    6: 'Read by 1 of 1',
  })
  const many = ['ada', ...Array.from({ length: 50 }, (_, index) => `person-${index}`)]
  const large = group(many, [receipt('person-1', 6)])
  assert.deepEqual(inGroup(large), { 6: 'Sent' })
  assert.equal(readersOf(large, own(6)), undefined)
})

test('a direct conversation shows how far each own message has come, unless it is closed', () => {
  const direct = { ...group(['ada', 'bob'], [receipt('bob', 1, 3)]), kind: 'direct' as const }
  assert.deepEqual(inGroup(direct), { 1: 'Read', 3: 'Delivered', 5: 'Sent', 6: 'Sent' })
  assert.deepEqual(inGroup({ ...direct, isClosed: true }), {})
})

test('the readers of a message are the others who have read it', () => {
  const received = group(['ada', 'bob', 'cyd'], [receipt('ada', 9), receipt('bob', 2), receipt('cyd', 1)])
  const readers = readersOf(received, messageView(2, { sender: personView('cyd') }))
  assert.deepEqual(
    readers?.map(({ id }) => id),
    ['ada', 'bob'],
  )
})

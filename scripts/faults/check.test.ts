import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  findDifferences,
  findDuplicates,
  findGaps,
  findMissing,
  findOutOfOrder,
  findWronglyChanged,
  type StoredMessage,
} from './check'

/** Messages of one conversation, with `seq` from 1 on. */
const said = (...bodies: string[]): StoredMessage[] =>
  bodies.map((body, index) => ({ conversationId: 'tea', seq: index + 1, body }))
const bodies = (found: { body: string }[]) => found.map(({ body }) => body)

const whole = said('ada 1', 'bob 1', 'ada 2', 'bob 2')

test('nothing is found if everything is stored', () => {
  const elsewhere = whole.map((message) => ({ ...message, conversationId: 'lobby' }))
  const stored = [...whole, ...elsewhere].reverse()
  assert.deepEqual(findMissing([...whole, { conversationId: 'tea', body: 'ada 1' }], stored), [])
  assert.deepEqual(findDuplicates(stored), [])
  assert.deepEqual(findGaps(stored), [])
  assert.deepEqual(findOutOfOrder(stored), [])
  assert.deepEqual(findDifferences(whole, [...whole].reverse()), [])
})

test('an acknowledged message that is not stored is missing', () => {
  assert.deepEqual(bodies(findMissing(whole, said('ada 1', 'bob 1', 'ada 2'))), ['bob 2'])
})

test('a message that is stored in another conversation is missing', () => {
  assert.deepEqual(bodies(findMissing([{ conversationId: 'lobby', body: 'ada 1' }], whole)), ['ada 1'])
})

test('a message that has another `seq` than acknowledged is missing', () => {
  assert.deepEqual(bodies(findMissing(whole, said('bob 1', 'ada 1', 'ada 2', 'bob 2'))), ['ada 1', 'bob 1'])
})

test('a message that is stored twice is a duplicate, even if neither was acknowledged', () => {
  assert.deepEqual(bodies(findDuplicates(said('ada 1', 'bob 1', 'ada 1', 'ada 1'))), ['ada 1', 'ada 1'])
})

test('a missing `seq` is a gap, also at the beginning, and so is a `seq` that is used twice', () => {
  assert.deepEqual(bodies(findGaps(whole.filter(({ seq }) => seq !== 2))), ['ada 2'])
  assert.deepEqual(bodies(findGaps(whole.slice(1))), ['bob 1'])
  assert.deepEqual(findGaps(whole.slice(1).map((message) => ({ ...message, firstSeq: 2 }))), [])
  const twin: StoredMessage = { conversationId: 'tea', seq: 4, body: 'eve 1' }
  assert.deepEqual(bodies(findGaps([...whole, twin])), ['eve 1'])
})

test('a message after a later one of its sender, by `seq`, is out of order', () => {
  assert.deepEqual(bodies(findOutOfOrder(said('ada 2', 'bob 1', 'ada 1', 'ada 3'))), ['ada 1'])
  assert.deepEqual(bodies(findOutOfOrder(said('ada 9', 'ada 10'))), [])
})

test('a client’s list differs if a message is missing, shown twice, changed or out of order', () => {
  const [one, two, three, four] = whole as [StoredMessage, StoredMessage, StoredMessage, StoredMessage]
  for (const shown of [
    [],
    [one, two, three],
    [one, three, four],
    [one, two, two, three, four],
    [one, three, two, four],
    [one, two, three, { ...four, body: 'bob 3' }],
    [...whole, { seq: 5, body: 'ada 3' }],
  ])
    assert.notDeepEqual(findDifferences(shown, whole), [], JSON.stringify(shown))
})

test('a change that is lost, stored twice or out of order is found', () => {
  const changed = {
    conversationId: 'tea',
    seq: 1,
    texts: ['1', '2', '3'],
    reactions: '👍1',
    isDeleted: false,
  }
  const stored = (earlier: string[], body = '3', more = {}) => [
    { conversationId: 'tea', seq: 1, body, earlier, reactions: '👍1', isDeleted: false, ...more },
  ]
  assert.deepEqual(findWronglyChanged([changed], stored(['1', '2'])), [])
  for (const wrong of [
    [],
    stored(['1']),
    stored(['1', '2', '2']),
    stored(['1', '3'], '2'),
    stored(['1', '2'], '3', { reactions: '' }),
    stored([], '', { isDeleted: true }),
  ])
    assert.equal(findWronglyChanged([changed], wrong).length, 1, JSON.stringify(wrong))
})

test('deleted messages are neither duplicates nor expected in a client', () => {
  const deleted = [1, 2].map((seq) => ({ conversationId: 'tea', seq, body: '', isDeleted: true }))
  assert.deepEqual(findDuplicates(deleted), [])
  assert.deepEqual(findDifferences([], deleted), [])
  assert.equal(findDifferences([{ seq: 1, body: 'ada 1' }], deleted).length, 1)
})

test('a client’s list differs if it shows other reactions', () => {
  const [one] = whole as [StoredMessage]
  assert.equal(findDifferences([one], [{ ...one, reactions: '👍1' }]).length, 1)
})

test('messages before a client’s first one are not expected, unless it says from where it shows messages', () => {
  assert.deepEqual(findDifferences(whole.slice(2), whole), [])
  assert.equal(findDifferences(whole.slice(2), whole, 1).length, 4)
})

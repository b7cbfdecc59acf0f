import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findDifferences, findDoubled, findGaps, findMisplaced, findMissing, type Stored } from './check'

/** Messages of one conversation, from 1 on. */
const said = (...bodies: string[]): Stored[] =>
  bodies.map((body, index) => ({ conversationId: 'tea', seq: index + 1, body }))
const bodies = (found: { body: string }[]) => found.map(({ body }) => body)

const whole = said('ada 1', 'bob 1', 'ada 2', 'bob 2')

test('nothing is found where all is well', () => {
  const elsewhere = whole.map((message) => ({ ...message, conversationId: 'lobby' }))
  const stored = [...whole, ...elsewhere].reverse()
  assert.deepEqual(findMissing([...whole, { conversationId: 'tea', body: 'ada 1' }], stored), [])
  assert.deepEqual(findDoubled(stored), [])
  assert.deepEqual(findGaps(stored), [])
  assert.deepEqual(findMisplaced(stored), [])
  assert.deepEqual(findDifferences(whole, [...whole].reverse()), [])
})

test('an acknowledged message that is not stored is missing', () => {
  assert.deepEqual(bodies(findMissing(whole, said('ada 1', 'bob 1', 'ada 2'))), ['bob 2'])
})

test('one that is stored in another conversation is missing too', () => {
  assert.deepEqual(bodies(findMissing([{ conversationId: 'lobby', body: 'ada 1' }], whole)), ['ada 1'])
})

test('so is one that stands elsewhere than was said', () => {
  assert.deepEqual(bodies(findMissing(whole, said('bob 1', 'ada 1', 'ada 2', 'bob 2'))), ['ada 1', 'bob 1'])
})

test('a message that is stored twice is doubled, though nobody was told', () => {
  assert.deepEqual(bodies(findDoubled(said('ada 1', 'bob 1', 'ada 1', 'ada 1'))), ['ada 1', 'ada 1'])
})

test('a number left out is a gap, the first ones too, and so is one taken twice', () => {
  assert.deepEqual(bodies(findGaps(whole.filter(({ seq }) => seq !== 2))), ['ada 2'])
  assert.deepEqual(bodies(findGaps(whole.slice(1))), ['bob 1'])
  const twin: Stored = { conversationId: 'tea', seq: 4, body: 'eve 1' }
  assert.deepEqual(bodies(findGaps([...whole, twin])), ['eve 1'])
})

test('a sender’s message behind their later one is misplaced, in the order of `seq`', () => {
  assert.deepEqual(bodies(findMisplaced(said('ada 2', 'bob 1', 'ada 1', 'ada 3'))), ['ada 1'])
  assert.deepEqual(bodies(findMisplaced(said('ada 9', 'ada 10'))), [])
})

test('a client’s list differs where it lacks one, has one twice, or in another order', () => {
  const [one, two, three, four] = whole as [Stored, Stored, Stored, Stored]
  for (const seen of [
    [],
    [one, two, three],
    [one, three, four],
    [one, two, two, three, four],
    [one, three, two, four],
    [one, two, three, { ...four, body: 'bob 3' }],
    [...whole, { seq: 5, body: 'ada 3' }],
  ])
    assert.notDeepEqual(findDifferences(seen, whole), [], JSON.stringify(seen))
})

test('a client that began later need not have what was before, and one that began at a place must', () => {
  assert.deepEqual(findDifferences(whole.slice(2), whole), [])
  assert.equal(findDifferences(whole.slice(2), whole, 1).length, 4)
})

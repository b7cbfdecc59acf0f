import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Change, Pending } from '@/app/browser/outbox'
import type { Message, Reaction } from '@/lib/views'
import { messageView, personView } from '@/testing/views'
import { showChanges } from './pending-changes'

const waiting = (change: Change, more: Partial<Pending> = {}): Pending => ({
  nonce: 'n',
  conversationId: 'c',
  path: '/c/c',
  body: '',
  at: 0,
  isFresh: true,
  change,
  ...more,
})
const react = (emoji: string, added: boolean): Change => ({ what: 'react', seq: 1, emoji, added })
const edit = (body: string): Change => ({ what: 'edit', seq: 1, body, version: 0 })
const thumbs: Reaction = { emoji: '👍', count: 1, people: [personView('bob')], mine: false }

/** The first of two messages after these changes by ada. */
function shown(changes: (Change | Pending)[], more: Partial<Message> = {}) {
  const messages = [messageView(1, more), messageView(2)]
  const entries = changes.map((one) => ('what' in one ? waiting(one) : one))
  const [first, second] = showChanges(messages, entries, 'ada')
  assert.equal(second, messages[1])
  if (!first) throw new Error('There is a message.')
  return first
}
const reactionsOf = ({ reactions }: Message) =>
  reactions.map(({ emoji, count, people, mine }) => [emoji, count, people.map(({ id }) => id).join(), mine])

test('without changes the messages are the same', () => {
  const messages = [messageView(1)]
  assert.equal(showChanges(messages, [], 'ada'), messages)
  const refused = waiting(edit('new'), { refusal: 'No.' })
  assert.equal(showChanges(messages, [refused], 'ada'), messages)
})

test('an edited text is shown, the latest of several', () => {
  const { body, pending } = shown([edit('one'), edit('two')])
  assert.equal(body, 'two')
  assert.deepEqual(pending, { isDeleted: false, isEdited: true, emoji: [], holdUp: undefined })
})

test('a deleted message keeps its text until it is deleted', () => {
  const { body, pending } = shown([waiting({ what: 'delete', seq: 1 }, { holdUp: 'Wait.' })])
  assert.equal(body, 'message 1')
  assert.deepEqual([pending?.isDeleted, pending?.holdUp], [true, 'Wait.'])
})

test('reactions are added and removed, once each', () => {
  const both: Reaction = { ...thumbs, count: 2, people: [personView('bob'), personView('ada')], mine: true }
  const cases: [changes: Change[], reactions: Reaction[], expected: unknown[], pending: string[]][] = [
    [[react('👍', true)], [], [['👍', 1, 'ada', true]], ['👍']],
    [[react('👍', true), react('👍', true)], [thumbs], [['👍', 2, 'bob,ada', true]], ['👍']],
    [
      [react('🎉', true)],
      [thumbs],
      [
        ['👍', 1, 'bob', false],
        ['🎉', 1, 'ada', true],
      ],
      ['🎉'],
    ],
    [[react('👍', false)], [both], [['👍', 1, 'bob', false]], []],
    [[react('👍', false)], [thumbs], [['👍', 1, 'bob', false]], []],
    [[react('👍', true), react('👍', false)], [], [], []],
    // It is stored already, but its answer has not come yet.
    [[react('👍', true)], [both], [['👍', 2, 'bob,ada', true]], ['👍']],
  ]
  for (const [changes, reactions, expected, pending] of cases) {
    const message = shown(changes, { reactions })
    assert.deepEqual(reactionsOf(message), expected)
    assert.deepEqual(message.pending?.emoji, pending)
  }
})

test('a reaction of more people than are named is counted', () => {
  const many = { ...thumbs, count: 30 }
  assert.deepEqual(reactionsOf(shown([react('👍', true)], { reactions: [many] })), [
    ['👍', 31, 'bob,ada', true],
  ])
})

test('nothing is shown on a message that was deleted meanwhile', () => {
  const message = shown([edit('new')], { deletedAt: '2026-01-01T00:00:00.000Z', body: '' })
  assert.equal(message.pending, undefined)
})

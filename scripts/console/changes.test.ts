import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Message } from '@/lib/views'
import { messageView, personView } from '@/testing/views'
import { ShownMessages } from './changes'

const reaction = (emoji: string, ids: string[], count = ids.length) => ({
  emoji,
  count,
  people: ids.map(personView),
  mine: false,
})

/** What is told of the change from one copy to the next, in short. */
function tell(before: Message | undefined, now: Message) {
  const shown = new ShownMessages()
  if (before) shown.add(before)
  return shown
    .change(now)
    .map(
      ({ what, actor, emoji = '', added }) =>
        `${actor?.id ?? 'somebody'} ${what === 'reacted' ? `${added ? '+' : '-'}${emoji}` : what}`,
    )
}

const old = messageView(1, { reactions: [reaction('👍', ['ada', 'bob'])] })

test('a change is told by what differs from the copy that was shown', () => {
  assert.deepEqual(tell(old, { ...old, body: 'new', editedAt: 'now' }), ['bob edited'])
  assert.deepEqual(tell(old, { ...old, body: '', deletedAt: 'now', reactions: [] }), ['somebody deleted'])
  const reactions = [reaction('👍', ['bob', 'cyd']), reaction('🎉', ['ada'])]
  assert.deepEqual(tell(old, { ...old, reactions }), ['cyd +👍', 'ada +🎉', 'ada -👍'])
})

test('several changes are told one after another', () => {
  const shown = new ShownMessages()
  shown.add(old)
  shown.change({ ...old, body: 'new' })
  assert.deepEqual(shown.change({ ...old, body: 'new', reactions: [] }).length, 2)
})

test('of a message that was not shown, and of reactions by many people, only what is known is told', () => {
  assert.deepEqual(tell(undefined, { ...old, editedAt: 'now' }), ['bob edited', 'ada +👍', 'bob +👍'])
  const many = messageView(1, { reactions: [reaction('👍', ['ada', 'bob'], 21)] })
  assert.deepEqual(tell(many, { ...many, reactions: [reaction('👍', ['ada', 'cyd'])] }), [])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pending } from '@/app/browser/outbox'
import type { Message } from '@/lib/views'
import {
  type ConversationAction,
  missingAfter,
  openedState,
  reduceConversation,
  refusedEntry,
  splitEntries,
} from './conversation-state'

const userId = 'ada'
const message = (seq: number, sender = 'bob', nonce = `n${seq}`): Message => ({
  id: `m${seq}`,
  conversationId: 'c',
  seq,
  sender: { id: sender, username: sender, name: sender },
  body: `message ${seq}`,
  nonce,
  createdAt: '2026-01-01T00:00:00.000Z',
})
const entry = (nonce: string, more: Partial<Pending> = {}): Pending => ({
  nonce,
  conversationId: 'c',
  path: '/c/c',
  body: nonce,
  at: 0,
  isFresh: false,
  ...more,
})

const opened = (messages: Message[], { isNewest = true, lastReadSeq = 0 } = {}) =>
  openedState({ userId, messages, isNewest, lastReadSeq })
const run = (state: ReturnType<typeof opened>, ...actions: ConversationAction[]) =>
  actions.reduce(reduceConversation, state)
const received = (message: Message): ConversationAction => ({
  type: 'received',
  message,
  announcement: `${message.sender.name}: ${message.body}`,
})
const seqsOf = ({ messages }: { messages: Message[] }) => messages.map(({ seq }) => seq)

test('the first new message is the first unread one of somebody else', () => {
  const messages = [message(1), message(2, userId), message(3)]
  assert.equal(opened(messages).firstNewSeq, 1)
  assert.equal(opened(messages, { lastReadSeq: 1 }).firstNewSeq, 3)
  assert.equal(opened(messages, { lastReadSeq: 3 }).firstNewSeq, undefined)
})

test('a received message is added once, and announced unless it is the person’s own', () => {
  const before = opened([message(1)])
  const after = run(before, received(message(2)), received(message(3, userId)), received(message(2)))
  assert.deepEqual(seqsOf(after), [1, 2, 3])
  assert.equal(after.announcement, 'bob: message 2')
  assert.equal(run(after, received(message(3, userId))), after)
})

test('a message from before the page’s first one is not added', () => {
  const state = opened([message(5)])
  assert.equal(run(state, received(message(4))), state)
})

test('an older page does not grow, but says what was received', () => {
  const state = run(opened([message(1)], { isNewest: false }), received(message(2)))
  assert.deepEqual(seqsOf(state), [1])
  assert.equal(state.announcement, 'bob: message 2')
  assert.deepEqual(seqsOf(run(state, { type: 'outbox', entries: [], stored: message(2, userId) })), [1])
})

test('loaded messages are merged in order, and known ones change nothing', () => {
  const state = opened([message(3), message(4)])
  assert.deepEqual(seqsOf(run(state, { type: 'loaded', messages: [message(1), message(2)] })), [1, 2, 3, 4])
  assert.equal(run(state, { type: 'loaded', messages: [message(4)] }), state)
})

test('messages are missing before a gap, and before the newest one of the conversation', () => {
  assert.equal(missingAfter(opened([message(1), message(3)]), 3), 1)
  assert.equal(missingAfter(opened([message(1), message(2)]), 4), 2)
  assert.equal(missingAfter(opened([]), 1), 0)
  assert.equal(missingAfter(opened([message(1), message(2)]), 2), undefined)
  assert.equal(missingAfter(opened([message(1)], { isNewest: false }), 9), undefined)
})

test('notes stand after the message that was the newest, and only the last 30 are kept', () => {
  let state = run(opened([message(1)]), { type: 'noted', text: 'cyd joined' })
  state = run(state, received(message(2)), { type: 'noted', text: 'cyd left' })
  assert.deepEqual(state.notes, [
    { id: 1, afterSeq: 1, text: 'cyd joined' },
    { id: 2, afterSeq: 2, text: 'cyd left' },
  ])
  for (let count = 0; count < 30; count++) state = run(state, { type: 'noted', text: 'x' })
  assert.deepEqual([state.notes.length, state.notes[0]?.id], [30, 3])
})

test('people come and go, in any order and repeatedly', () => {
  const state = run(
    opened([]),
    { type: 'present', ids: ['bob'] },
    { type: 'came', id: 'bob' },
    { type: 'came', id: 'cyd' },
    { type: 'went', id: 'bob' },
    { type: 'went', id: 'bob' },
  )
  assert.deepEqual(state.here, ['cyd'])
})

test('a person is typing until they stop or send', () => {
  const typing = run(opened([]), { type: 'typing', id: 'bob' }, { type: 'typing', id: 'cyd' })
  assert.deepEqual(typing.typing, ['bob', 'cyd'])
  assert.equal(run(typing, { type: 'typing', id: 'bob' }), typing)
  assert.deepEqual(run(typing, { type: 'stopped', id: 'bob' }).typing, ['cyd'])
  assert.deepEqual(run(typing, received(message(1))).typing, ['cyd'])
})

test('an entry of the outbox is pending until its message is there', () => {
  const entries = [entry('n2'), entry('n3')]
  const state = run(opened([message(1)]), { type: 'outbox', entries })
  assert.deepEqual(splitEntries(state), { stored: [], pending: entries })
  const sent = run(state, { type: 'outbox', entries, stored: message(2, userId) })
  assert.deepEqual(splitEntries(sent), { stored: [entries[0]], pending: [entries[1]] })
  // Another person's message may have the same nonce.
  assert.deepEqual(splitEntries(run(state, received(message(2)))).pending, entries)
})

test('the refused text that the person wants to edit goes back to the composer, otherwise the one just written', () => {
  const [old, fresh] = [entry('old', { refusal: 'no' }), entry('fresh', { refusal: 'no', isFresh: true })]
  assert.equal(refusedEntry([entry('n'), old], undefined), undefined)
  assert.deepEqual(refusedEntry([old, fresh], undefined), { ...fresh, isWanted: false })
  const state = run(opened([]), { type: 'edit', nonce: 'old' })
  assert.deepEqual(refusedEntry([old, fresh], state.editedNonce), { ...old, isWanted: true })
})

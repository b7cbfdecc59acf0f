import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pending } from '@/app/browser/outbox'
import type { Message } from '@/lib/views'
import { createdEvent, messageView, personView } from '@/testing/views'
import {
  type ConversationAction,
  findMissing,
  openedState,
  reduceConversation,
  refusedEntry,
  splitEntries,
} from './conversation-state'

const userId = 'ada'
const message = (seq: number, sender = 'bob', more: Partial<Message> = {}) =>
  messageView(seq, { sender: personView(sender), ...more })
const entry = (nonce: string, more: Partial<Pending> = {}): Pending => ({
  nonce,
  conversationId: 'c',
  path: '/c/c',
  body: nonce,
  at: 0,
  isFresh: false,
  ...more,
})

const opened = (messages: Message[], { isNewest = true, lastReadSeq = 0, version = 0 } = {}) =>
  openedState({ userId, messages, version, isNewest, lastReadSeq })
const run = (state: ReturnType<typeof opened>, ...actions: ConversationAction[]) =>
  actions.reduce(reduceConversation, state)
const received = (message: Message): ConversationAction => ({
  type: 'received',
  message: createdEvent(message),
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
  assert.deepEqual(
    seqsOf(run(state, { type: 'loaded', messages: [message(1), message(2)], version: 0 })),
    [1, 2, 3, 4],
  )
  assert.equal(run(state, { type: 'loaded', messages: [message(4)], version: 0 }), state)
})

test('messages are missing in a gap, and before the newest one of the conversation', () => {
  const missing = (state: ReturnType<typeof opened>, lastSeq: number) =>
    findMissing(state, { lastSeq, version: 0 })
  assert.deepEqual(missing(opened([message(1), message(3)]), 3), { after: 1 })
  assert.deepEqual(missing(opened([message(1), message(2)]), 4), { after: 2, since: 0 })
  assert.deepEqual(missing(opened([]), 1), { after: 0, since: 0 })
  assert.equal(missing(opened([message(1), message(2)]), 2), undefined)
  assert.equal(missing(opened([message(1)], { isNewest: false }), 9), undefined)
})

const changed = (version: number, more: Partial<Message> = {}, seq = 1): ConversationAction => ({
  type: 'changed',
  change: {
    message: message(seq, 'bob', { version, body: `version ${version}`, ...more }),
    conversationVersion: version,
    actor: 'bob',
    what: 'edited',
  },
})
const versionMissing = (state: ReturnType<typeof opened>, version: number) =>
  findMissing(state, { lastSeq: 1, version })?.since

test('changes may be repeated and come in any order, and the latest one is shown', () => {
  const state = run(opened([message(1)]), changed(3), changed(1), changed(1))
  assert.equal(state.messages[0]?.body, 'version 3')
  assert.equal(versionMissing(state, 3), 1)
  assert.equal(versionMissing(run(state, changed(2)), 3), undefined)
})

test('the messages of a person who deleted the account show the new name', () => {
  const state = opened([message(1, 'ada'), message(2, 'bob')])
  const { sender } = state.messages[0] as Message
  const person = { id: sender.id, username: 'deleted', name: 'Deleted person' }
  const renamed = run(state, { type: 'renamed', person })
  assert.deepEqual(renamed.messages[0]?.sender, person)
  assert.equal(renamed.messages[1], state.messages[1])
  assert.equal(run(renamed, { type: 'renamed', person }), renamed)
})

test('after a lost change the page asks since the version up to which it knows all', () => {
  const state = run(opened([message(1), message(2)]), changed(2, {}, 2))
  const updates = {
    messages: [],
    changed: [message(1, 'bob', { version: 1, body: 'one' })],
    version: 2,
    firstSeq: 1,
    more: false,
  }
  const later = run(state, { type: 'caughtUp', since: 0, updates })
  assert.deepEqual(
    later.messages.map(({ body }) => body),
    ['one', 'version 2'],
  )
  assert.equal(versionMissing(later, 2), undefined)
})

test('older messages from before a change that the page knows make it ask again', () => {
  const state = run(opened([message(5)], { version: 4 }), {
    type: 'loaded',
    messages: [message(4)],
    version: 3,
  })
  assert.equal(findMissing(state, { lastSeq: 5, version: 4 })?.since, 3)
})

test('a quote shows the message as it is now', () => {
  const replyTo = { seq: 1, sender: personView('bob'), excerpt: 'message 1', isDeleted: false }
  const state = opened([message(2, userId, { replyTo })])
  assert.equal(run(state, changed(1)).messages[0]?.replyTo?.excerpt, 'version 1')
  const deleted = changed(1, { body: '', deletedAt: '2026-01-01T00:00:00.000Z' })
  assert.equal(run(state, deleted).messages[0]?.replyTo?.isDeleted, true)
})

test('a quote shows the message as it is now, even if the reply or an earlier change comes later', () => {
  const replyTo = { seq: 1, sender: personView('bob'), excerpt: 'message 1', isDeleted: false }
  const reply = message(3, 'bob', { replyTo })
  const excerpts = [opened([message(1), message(2)]), opened([message(2)])].map(
    (state) => run(state, changed(2), changed(1), received(reply)).messages.at(-1)?.replyTo?.excerpt,
  )
  assert.deepEqual(excerpts, ['version 2', 'version 2'])
})

test('a message is shown as it is now, even if its own event comes after that of its change', () => {
  const state = run(opened([message(1)]), changed(1, {}, 2))
  assert.deepEqual(seqsOf(state), [1])
  assert.equal(run(state, received(message(2))).messages[1]?.body, 'version 1')
})

test('after a page that was cut off the page asks for the changes of later messages again', () => {
  const updates = { messages: [message(2)], changed: [], version: 1, firstSeq: 1, more: true }
  const action: ConversationAction = { type: 'caughtUp', since: 0, updates }
  assert.equal(versionMissing(run(opened([message(1)]), action), 1), undefined)
  assert.equal(versionMissing(run(opened([message(1)]), received(message(3)), action), 1), 0)
})

test('the person’s own reaction follows from the people that an event names, in any order', () => {
  const reacted = (version: number, ids: string[]): ConversationAction => ({
    type: 'changed',
    change: {
      message: message(1, 'bob', {
        version,
        reactions: [{ emoji: '👍', count: ids.length, people: ids.map(personView), mine: false }],
      }),
      conversationVersion: version,
      actor: 'bob',
      what: 'reacted',
      emoji: '🎉',
      added: true,
    },
  })
  const mine = (...actions: ConversationAction[]) =>
    run(opened([message(1)]), ...actions).messages[0]?.reactions[0]?.mine
  assert.equal(mine(reacted(1, ['cyd']), reacted(3, ['cyd', userId]), reacted(2, ['cyd', userId])), true)
  assert.equal(mine(reacted(1, ['cyd', userId]), reacted(2, ['cyd'])), false)
})

test('the person’s own reaction follows from the event, and stays through those of others', () => {
  const reactions = [{ emoji: '👍', count: 30, people: [] }]
  const reacted = (version: number, actor: string, added = true): ConversationAction => ({
    type: 'changed',
    change: {
      message: message(1, 'bob', { version, reactions: reactions as never }),
      conversationVersion: version,
      actor,
      what: 'reacted',
      emoji: '👍',
      added,
    },
  })
  const mine = (state: ReturnType<typeof opened>) => state.messages[0]?.reactions[0]?.mine
  const state = run(opened([message(1)]), reacted(1, userId))
  assert.equal(mine(state), true)
  assert.equal(mine(run(state, reacted(2, 'cyd'))), true)
  assert.equal(mine(run(state, reacted(2, userId, false), reacted(3, 'cyd'))), false)
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
  assert.deepEqual(splitEntries(state), { stored: [], pending: entries, changes: [] })
  const sent = run(state, { type: 'outbox', entries, stored: message(2, userId) })
  assert.deepEqual(splitEntries(sent), { stored: [sent.messages[1]], pending: [entries[1]], changes: [] })
  // Another person's message may have the same nonce.
  assert.deepEqual(splitEntries(run(state, received(message(2)))).pending, entries)
})

test('a message that the outbox has changed replaces its copy, and adds nothing to an older page', () => {
  const change = { what: 'edit' as const, seq: 1, body: 'new', version: 0 }
  const [edited, other] = [
    message(1, userId, { version: 1, body: 'new' }),
    message(9, userId, { version: 1 }),
  ]
  for (const isNewest of [true, false]) {
    const state = run(opened([message(1, userId), message(2)], { isNewest }), {
      type: 'outbox',
      entries: [entry('e', { change })],
      stored: edited,
    })
    assert.deepEqual(splitEntries(state).changes, state.entries)
    assert.deepEqual(
      state.messages.map(({ body }) => body),
      ['new', 'message 2'],
    )
  }
  const older = run(opened([message(5)]), { type: 'outbox', entries: [], stored: edited })
  assert.equal(older.messages.length, 1)
  const page = run(opened([message(5)], { isNewest: false }), { type: 'outbox', entries: [], stored: other })
  assert.equal(page.messages.length, 1)
})

test('the refused text that the person wants to edit goes back to the composer, otherwise the one just written', () => {
  const [old, fresh] = [entry('old', { refusal: 'no' }), entry('fresh', { refusal: 'no', isFresh: true })]
  assert.equal(refusedEntry([entry('n'), old], undefined), undefined)
  assert.deepEqual(refusedEntry([old, fresh], undefined), { ...fresh, isWanted: false })
  const state = run(opened([]), { type: 'edit', nonce: 'old' })
  assert.deepEqual(refusedEntry([old, fresh], state.editedNonce), { ...old, isWanted: true })
})

const expired = (firstSeq: number, version: number): ConversationAction => ({
  type: 'expired',
  firstSeq,
  version,
})
const reply = (seq: number, to: number) =>
  message(seq, 'bob', {
    replyTo: { seq: to, sender: personView('bob'), excerpt: `message ${to}`, isDeleted: false },
  })

test('messages that are no longer kept leave the page, and quotes of them too', () => {
  const state = run(opened([message(1), message(2), reply(3, 1), reply(4, 3)]), changed(1, {}, 9))
  const later = run(state, expired(3, 2))
  assert.deepEqual(
    later.messages.map(({ seq, replyTo }) => [seq, replyTo?.seq]),
    [
      [3, undefined],
      [4, 3],
    ],
  )
  assert.equal(versionMissing(later, 2), undefined)
  assert.deepEqual(run(later, expired(10, 3)).others, [])
  assert.deepEqual(run(later, expired(3, 2), expired(2, 1)), later)
})

test('messages that have expired do not come back with a late event or answer', () => {
  const state = run(opened([message(3)]), expired(3, 1))
  assert.deepEqual(
    seqsOf(run(state, { type: 'loaded', messages: [message(1), message(2)], version: 1 })),
    [3],
  )
  assert.deepEqual(run(state, changed(1, {}, 2)), state)
})

test('the messages before the first one that is kept are no gap', () => {
  const missing = (state: ReturnType<typeof opened>) => findMissing(state, { lastSeq: 5, version: 1 })
  assert.equal(missing(run(opened([message(1), message(4), message(5)]), expired(4, 1))), undefined)
  assert.deepEqual(missing(run(opened([message(1), message(3), message(5)]), expired(2, 1))), { after: 3 })
  assert.equal(missing(run(opened([message(4), message(5)]), expired(6, 1))), undefined)
  assert.deepEqual(missing(run(opened([message(1)]), expired(3, 1))), { after: 2, since: 1 })
})

test('after a break a page learns what is no longer kept', () => {
  const updates = { messages: [message(4)], changed: [], version: 3, firstSeq: 3, more: false }
  const state = run(opened([message(2), message(3)]), { type: 'caughtUp', since: 0, updates })
  assert.deepEqual(seqsOf(state), [3, 4])
  assert.equal(findMissing(state, { lastSeq: 4, version: 3 }), undefined)
})

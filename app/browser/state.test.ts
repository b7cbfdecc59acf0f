import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Events } from '@/lib/realtime/events'
import type { Conversation, ConversationView, Invitation, Message, ReactionLine } from '@/lib/views'
import { createdEvent, messageView, personView } from '@/testing/views'
import {
  addConversations,
  addOverview,
  addPage,
  applyEvent,
  countUnread,
  emptyState,
  listConversations,
  listInvitations,
  listUnreadOthers,
  markRead,
  type Overview,
  reactionIn,
  replaceOverview,
  type State,
  type StoreEvent,
  unreadOf,
} from './state'

const [ada, bob, cleo] = [personView('ada'), personView('bob'), personView('cleo')]
const time = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString()

/** Without notices, unless `more` says how many messages are said and read. */
const view = (id: string, more: Partial<ConversationView> = {}): ConversationView => ({
  id,
  kind: 'direct',
  name: bob.name,
  people: [ada, bob].map((one) => ({ ...one, role: 'member', status: 'offline', lastSeenAt: null })),
  newest: null,
  lastSeq: 0,
  lastReadSeq: 0,
  lastSaid: more.lastSeq ?? 0,
  readSaid: more.lastReadSeq ?? 0,
  mentions: 0,
  version: 0,
  firstSeq: 1,
  reaction: { version: 0, lastSeq: more.lastSeq ?? 0, latest: null },
  receipts: [],
  blocked: [],
  isClosed: false,
  activeAt: time(0),
  ...more,
})
const rolesIn = (state: State) =>
  Object.fromEntries(only(state).people.map(({ username, role }) => [username, role]))
const noInvitations = { received: [], sent: [] }
const overview = (conversations: ConversationView[], more: Partial<Overview> = {}): Overview => ({
  conversations,
  nextCursor: null,
  unread: {},
  invitations: noInvitations,
  ...more,
})
const seeded = (...conversations: ConversationView[]) =>
  addOverview(emptyState(ada.id), overview(conversations))

const at = time(30)
const said = (seq: number, sender = bob, more: Partial<Message> = {}): StoreEvent => ({
  at,
  name: 'conversation.touched',
  data: { conversationId: 'c', newest: messageView(seq, { sender, createdAt: time(seq), ...more }) },
})
const touched = (data: Omit<Events['conversation.touched'], 'conversationId'>): StoreEvent => ({
  at,
  name: 'conversation.touched',
  data: { conversationId: 'c', ...data },
})
const receipt = (userId: string, lastDeliveredSeq: number, lastReadSeq: number): StoreEvent => ({
  at,
  name: 'receipt.updated',
  data: { conversationId: 'c', userId, lastDeliveredSeq, lastReadSeq },
})
const isSeen = (second: number, status: 'online' | 'offline'): StoreEvent => ({
  at,
  name: 'status.changed',
  data: { people: [{ id: bob.id, status, lastSeenAt: time(second) }] },
})
const invitation = (status: Invitation['status'], inviter = bob, invitee = ada): Invitation => ({
  id: `${inviter.id} ${invitee.id}`,
  status,
  inviter,
  invitee,
  conversation: null,
  createdAt: time(1),
})
const invited: StoreEvent = { at, name: 'invitation.created', data: invitation('pending') }
const rejected: StoreEvent = { at, name: 'invitation.answered', data: invitation('rejected') }

const applied = (state: State, ...events: StoreEvent[]) => events.reduce(applyEvent, state)
const only = (state: State) => {
  const { c } = state.conversations
  assert.ok(c)
  return c
}

function permutations<Item>(items: Item[]): Item[][] {
  if (items.length < 2) return [items]
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  )
}

test('events in any order, each applied twice, lead to the same state', () => {
  const events = [
    said(1),
    said(2, ada),
    said(3),
    receipt(bob.id, 2, 2),
    touched({ lastReadSeq: 1, readSaid: 1 }),
    isSeen(4, 'online'),
    isSeen(5, 'offline'),
  ]
  const shown = (state: State) => {
    const { receipts, ...conversation } = only(state)
    const sorted = receipts.sort((one, other) => one.userId.localeCompare(other.userId))
    return { ...state, conversations: { c: { ...conversation, receipts: sorted } } }
  }
  const expected = shown(applied(seeded(view('c')), ...events))
  for (const order of permutations(events))
    assert.deepEqual(shown(applied(seeded(view('c')), ...order, ...order)), expected)
  const { newest, lastSeq, lastReadSeq, receipts } = expected.conversations.c
  assert.deepEqual([newest?.body, lastSeq, lastReadSeq], ['message 3', 3, 2])
  assert.deepEqual(
    receipts.find(({ userId }) => userId === bob.id),
    { userId: bob.id, lastDeliveredSeq: 2, lastReadSeq: 2 },
  )
  assert.equal(expected.people[bob.id]?.status, 'offline')
})

test('unread are the messages since the person last read or sent something', () => {
  const state = applied(seeded(view('c')), said(1), said(2))
  assert.equal(unreadOf(only(state)), 2)
  assert.equal(unreadOf(only(markRead(state, 'c', { seq: 1, said: 1 }))), 1)
  assert.equal(unreadOf(only(applied(state, touched({ lastReadSeq: 2, readSaid: 2 })))), 0)
  assert.equal(unreadOf(only(applied(state, said(3, ada)))), 0)
  assert.equal(markRead(state, 'c', { seq: 0, said: 0 }), state)
})

test('messages that this page marked read do not change the receipt, which says what the server knows', () => {
  const state = markRead(applied(seeded(view('c')), said(1)), 'c', { seq: 1, said: 1 })
  assert.deepEqual(only(state).receipts, [])
  assert.equal(only(applied(state, receipt(ada.id, 1, 1))).receipts.length, 1)
})

test('a message in an open conversation changes its list entry too', () => {
  const data = createdEvent(messageView(4, { body: 'hi' }))
  assert.equal(only(applied(seeded(view('c')), { at, name: 'message.created', data })).newest?.body, 'hi')
})

test('an edit of the newest message changes the list’s line, but moves nothing up and marks nothing unread', () => {
  const state = applied(seeded(view('c')), said(1), said(2), touched({ lastReadSeq: 2, readSaid: 2 }))
  const edited = said(2, bob, { version: 1, body: 'edited', createdAt: time(9) })
  for (const order of permutations([edited, edited, said(2), said(1)])) {
    const { newest, activeAt, lastReadSeq } = only(applied(state, ...order))
    assert.deepEqual([newest?.body, activeAt, lastReadSeq], ['edited', time(2), 2])
  }
  assert.equal(unreadOf(only(applied(state, edited))), 0)
})

test('people of a group join, change their role and leave, and one who joins has read everything', () => {
  const group = view('c', {
    kind: 'group',
    receipts: [{ userId: ada.id, lastDeliveredSeq: 1, lastReadSeq: 1 }],
  })
  const notice = messageView(2, { kind: 'notice', said: 1, sender: cleo })
  const joined = touched({ newest: notice, member: { ...cleo, role: 'member' } })
  const state = applied(seeded(group), joined, joined)
  assert.deepEqual(rolesIn(state), { ada: 'member', bob: 'member', cleo: 'member' })
  assert.deepEqual(only(state).receipts.at(-1), { userId: cleo.id, lastDeliveredSeq: 2, lastReadSeq: 2 })
  const promoted = applied(state, touched({ newest: notice, member: { ...cleo, role: 'owner' } }))
  assert.equal(rolesIn(promoted).cleo, 'owner')
  const left = touched({ leftId: cleo.id })
  assert.deepEqual(rolesIn(applied(promoted, left, left)), { ada: 'member', bob: 'member' })
})

test('a page of a group that was rendered before a change does not undo it', () => {
  const group = view('c', { kind: 'group', name: 'Old', lastSeq: 1 })
  const notice = messageView(2, { kind: 'notice', said: 1, sender: ada })
  const changed = touched({ newest: notice, name: 'New', member: { ...bob, role: 'owner' } })
  const late = addOverview(applied(seeded(group), changed), overview([group]))
  assert.deepEqual([only(late).name, rolesIn(late).bob], ['New', 'owner'])
  const listed = addOverview(late, overview([{ ...group, lastSeq: 3, people: [] }]))
  assert.equal(rolesIn(listed).bob, 'owner')
  const newer = addOverview(late, overview([{ ...group, lastSeq: 3 }]))
  assert.deepEqual([only(newer).name, rolesIn(newer).bob], ['Old', 'member'])
})

test('a group in the list, without its people, learns nothing of who joins', () => {
  const listed = seeded(view('c', { kind: 'group', people: [] }))
  const joined = applied(listed, touched({ member: { ...cleo, role: 'member' } }))
  assert.deepEqual(only(joined).people, [])
})

test('a notice about oneself marks nothing read', () => {
  const state = applied(seeded(view('c')), said(1), said(2, ada, { said: 1, kind: 'notice' }))
  assert.equal(unreadOf(only(state)), 1)
  assert.equal(only(state).lastReadSeq, 0)
})

test('notices are not unread', () => {
  const notice = said(3, bob, { said: 2, kind: 'notice' })
  const state = applied(seeded(view('c')), said(1), said(2), notice)
  assert.equal(unreadOf(only(state)), 2)
  assert.equal(unreadOf(only(applied(state, touched({ lastReadSeq: 1, readSaid: 1 })))), 1)
  assert.equal(unreadOf(only(markRead(state, 'c', { seq: 3, said: 2 }))), 0)
})

test('the version of a conversation is the highest one of its events', () => {
  const change = (version: number): StoreEvent => ({
    at,
    name: 'message.changed',
    data: {
      message: messageView(1, { version }),
      conversationVersion: version,
      actor: bob.id,
      what: 'edited',
    },
  })
  for (const order of permutations([change(1), change(2), change(3)]))
    assert.equal(only(applied(seeded(view('c')), ...order)).version, 3)
})

test('the conversation with the newest message comes first', () => {
  const state = applied(seeded(view('b', { activeAt: time(3) }), view('c')), said(9))
  assert.deepEqual(
    listConversations(state).map(({ id }) => id),
    ['c', 'b'],
  )
})

test('a created conversation is listed once, with its unread count', () => {
  const conversation: Conversation = {
    ...view('c'),
    newest: messageView(2, { createdAt: time(2) }),
    unread: 2,
  }
  const created: StoreEvent = {
    at,
    name: 'conversation.created',
    data: { conversationId: 'c', conversation },
  }
  const state = applied(seeded(), created, created)
  assert.equal(listConversations(state).length, 1)
  assert.equal(unreadOf(only(state)), 2)
  assert.deepEqual(only(state).receipts, [{ userId: ada.id, lastDeliveredSeq: 0, lastReadSeq: 0 }])
  // An event that arrives late takes nothing back.
  assert.equal(only(applied(seeded(view('c')), said(5), created)).lastSeq, 5)
  assert.equal(only(applied(seeded(view('c', { isClosed: true })), created)).isClosed, true)
})

test('a conversation that the person left is not listed', () => {
  assert.deepEqual(listConversations(applied(seeded(view('c')), touched({ hasLeft: true }))), [])
})

test('a conversation can be closed and opened again', () => {
  const closed = applied(seeded(view('c')), touched({ isClosed: true }))
  assert.equal(only(closed).isClosed, true)
  assert.equal(only(applied(closed, said(1))).isClosed, true)
  assert.equal(only(applied(closed, touched({ isClosed: false }))).isClosed, false)
})

test('only moderators have a number of open reports, which events change', () => {
  const counted = (name: 'report.created' | 'report.closed', open: number): StoreEvent => ({
    at,
    name,
    data: { open },
  })
  assert.equal(seeded().openReports, undefined)
  const moderators = addOverview(emptyState(ada.id), overview([], { openReports: 1 }))
  assert.equal(moderators.openReports, 1)
  assert.equal(applied(moderators, counted('report.created', 2)).openReports, 2)
  assert.equal(applied(moderators, counted('report.closed', 0)).openReports, 0)
  assert.equal(replaceOverview(moderators, overview([])).openReports, undefined, 'no moderator any more')
})

test('people join a room and leave it', () => {
  const member = { conversationId: 'c', ...cleo }
  const joined: StoreEvent = { at, name: 'member.joined', data: member }
  const left: StoreEvent = { at, name: 'member.left', data: { ...member, byChoice: true } }
  const names = (state: State) => only(state).people.map(({ username }) => username)
  const room = seeded(view('c', { kind: 'room' }))
  assert.deepEqual(names(applied(room, joined, joined)), ['ada', 'bob', 'cleo'])
  assert.deepEqual(names(applied(room, joined, left, left)), ['ada', 'bob'])
})

test('an answered invitation does not reappear', () => {
  assert.equal(listInvitations(applied(seeded(), invited)).received.length, 1)
  for (const order of permutations([invited, rejected, invited]))
    assert.deepEqual(listInvitations(applied(seeded(), ...order)).received, [])
})

test('invitations that the other person has answered are listed as answered', () => {
  const state = applied(
    seeded(),
    rejected,
    { at, name: 'invitation.answered', data: invitation('accepted', ada, cleo) },
    { at, name: 'invitation.answered', data: invitation('withdrawn', cleo, ada) },
    { at, name: 'invitation.answered', data: invitation('withdrawn', ada, bob) },
  )
  const shown = listInvitations(state).answeredByOther.map(({ id }) => id)
  assert.deepEqual(shown.sort(), ['ada cleo', 'cleo ada'])
})

test('the data of an older page does not undo newer events', () => {
  const state = applied(
    seeded(view('c'), view('d')),
    said(3),
    touched({ lastReadSeq: 3, readSaid: 3 }),
    invited,
  )
  const later = addOverview(state, overview([view('c')]))
  assert.deepEqual([only(later).lastSeq, only(later).lastReadSeq], [3, 3])
  assert.ok(later.conversations.d)
  assert.equal(listInvitations(later).received.length, 1)
})

test('the overview after a break removes what is gone, and adds what was missed', () => {
  const state = applied(seeded(view('c'), view('d')), said(3), invited)
  const later = replaceOverview(state, overview([view('c', { lastSeq: 5, lastReadSeq: 4 })]))
  assert.deepEqual(Object.keys(later.conversations), ['c'])
  assert.equal(unreadOf(only(later)), 1)
  assert.deepEqual(listInvitations(later).received, [])
})

test('a list without a room’s people leaves the known ones', () => {
  const room = view('c', { kind: 'room' })
  const state = replaceOverview(seeded(room), overview([{ ...room, people: [] }]))
  assert.equal(only(state).people.length, 2)
})

/** Conversations that are the letters of `ids`, the latest first, the last of them in the second `oldest`. */
const listed = (ids: string, oldest: number) =>
  [...ids].map((id, index) => view(id, { activeAt: time(oldest + ids.length - 1 - index) }))
const idsOf = (state: State) =>
  listConversations(state)
    .map(({ id }) => id)
    .join('')

/** A list of which two pages are loaded: c, d, e and f, g, h. */
const twoPages = () => {
  const first = addOverview(emptyState(ada.id), overview(listed('cde', 13), { nextCursor: 'e' }))
  return addPage(first, 'e', { conversations: listed('fgh', 10), nextCursor: 'h' })
}

test('a further page is added to the list, unless the end of the list changed meanwhile', () => {
  const state = twoPages()
  assert.deepEqual([idsOf(state), state.nextCursor], ['cdefgh', 'h'])
  assert.equal(addPage(state, 'e', { conversations: listed('xyz', 1), nextCursor: 'z' }), state)
  assert.equal(addPage(state, 'h', { conversations: listed('i', 9), nextCursor: null }).nextCursor, null)
})

test('after a break, further pages stay if the latest one ends with a conversation that has not changed', () => {
  const latest = [...listed('nh', 20), ...listed('c', 15)]
  for (const load of [addOverview, replaceOverview]) {
    const state = load(twoPages(), overview(latest, { nextCursor: 'c' }))
    assert.deepEqual([idsOf(state), state.nextCursor], ['nhcdefg', 'h'])
  }
})

test('after a break, further pages are removed if others may belong between them and the latest one', () => {
  const changed = view('h', { activeAt: time(20), lastSeq: 1 })
  for (const latest of [listed('xyz', 20), [...listed('xy', 21), changed]])
    for (const load of [addOverview, replaceOverview]) {
      const state = load(twoPages(), overview(latest, { nextCursor: 'last' }))
      assert.deepEqual([idsOf(state), state.nextCursor], [latest.map(({ id }) => id).join(''), 'last'])
    }
})

test('a page that was rendered before an event does not remove what the event added', () => {
  const state = addOverview(
    addConversations(twoPages(), listed('n', 25)),
    overview(listed('xyz', 20), { nextCursor: 'z' }),
  )
  assert.equal(idsOf(state), 'nxyz')
})

test('the overview after a break removes what is missing among the latest', () => {
  const state = replaceOverview(
    twoPages(),
    overview([...listed('c', 15), ...listed('ef', 12)], { nextCursor: 'f' }),
  )
  assert.equal(idsOf(state), 'cefgh')
})

test('a conversation that is not loaded counts as unread until it is', () => {
  const state = addOverview(
    seeded(),
    overview([view('c', { lastSeq: 2 })], { nextCursor: 'c', unread: { x: 3 } }),
  )
  assert.deepEqual([countUnread(state), countUnread(state, 'c'), countUnread(state, 'x')], [5, 3, 2])
  assert.deepEqual(listUnreadOthers(state), ['x'])
  const loaded = addConversations(state, [view('x', { lastSeq: 3, lastReadSeq: 2 })])
  assert.equal(countUnread(loaded), 3)
  assert.deepEqual(listUnreadOthers(loaded), [])
})

test('on further pages, what was read during a break is no longer unread', () => {
  const unread = addConversations(twoPages(), [
    view('g', { activeAt: time(11), lastSeq: 2 }),
    view('h', { activeAt: time(10), lastSeq: 2 }),
  ])
  const state = replaceOverview(unread, overview(listed('cde', 13), { nextCursor: 'e', unread: { h: 1 } }))
  assert.deepEqual(listConversations(state).map(unreadOf), [0, 0, 0, 0, 0, 1])
})

/** The list's line after the conversation's change `version`, when its newest message was `lastSeq`. */
const reacted = (version: number, lastSeq: number, emoji?: string): StoreEvent => {
  const latest = emoji ? { seq: 1, emoji, person: bob, excerpt: 'message 1' } : null
  return touched({ reaction: { version, lastSeq, latest } satisfies ReactionLine })
}
const shown = (state: State) => reactionIn(only(state))?.emoji

test('a reaction shows in the list until there is a newer message or it is removed, in any order of events', () => {
  const initial = seeded(view('c', { lastSeq: 1, newest: messageView(1, { sender: ada }) }))
  const cases: [events: StoreEvent[], expected?: string][] = [
    [[reacted(1, 1, '👍')], '👍'],
    [[reacted(1, 1, '👍'), reacted(2, 1, '🎉')], '🎉'],
    [[reacted(1, 1, '👍'), reacted(2, 1, '🎉'), reacted(3, 1, '👍')], '👍'],
    [[reacted(1, 1, '👍'), reacted(2, 1)]],
    [[reacted(1, 1, '👍'), said(2)]],
    [[said(2), reacted(1, 2, '👍')], '👍'],
    [[reacted(1, 1, '👍'), said(2), reacted(2, 2)]],
  ]
  for (const [events, expected] of cases)
    for (const order of permutations(events)) {
      const state = applied(initial, ...order, ...order)
      assert.equal(shown(state), expected)
      const { activeAt, lastReadSeq } = only(state)
      const isMoved = events.some(({ data }) => 'newest' in data)
      assert.equal(activeAt, isMoved ? time(2) : time(0))
      assert.equal(lastReadSeq, 0)
      assert.equal(countUnread(state), isMoved ? 2 : 1)
    }
})

test('an update that was loaded before a reaction does not remove it, and a later one does', () => {
  const loaded = (version: number) =>
    overview([view('c', { lastSeq: 1, version, reaction: { version, lastSeq: 1, latest: null } })])
  const state = applied(seeded(view('c', { lastSeq: 1 })), reacted(2, 1, '👍'))
  assert.equal(shown(replaceOverview(state, loaded(1))), '👍')
  assert.equal(shown(replaceOverview(state, loaded(3))), undefined)
})

test('a newest message and a reaction that are no longer kept leave the list, whatever comes late', () => {
  const line = {
    version: 1,
    lastSeq: 2,
    latest: { seq: 1, emoji: '👍', person: bob, excerpt: 'message 1' },
  }
  const before = applied(seeded(view('c')), said(1), said(2), touched({ reaction: line }))
  const gone = touched({ firstSeq: 3, version: 2, lastReadSeq: 2, readSaid: 2 })
  for (const state of [applied(before, gone), applied(before, gone, said(2, bob, { version: 1 }))]) {
    const { newest, reaction, firstSeq, version, lastSeq } = only(state)
    assert.deepEqual([newest, reaction.latest, firstSeq, version, lastSeq], [null, null, 3, 2, 2])
    assert.equal(unreadOf(only(state)), 0)
  }
  const stale = view('c', { newest: messageView(2), lastSeq: 2 })
  const { newest, firstSeq } = only(addConversations(applied(before, gone), [stale]))
  assert.deepEqual([newest, firstSeq], [null, 3])
  assert.equal(unreadOf(only(applied(before, gone, said(3)))), 1)
})

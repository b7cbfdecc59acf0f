import assert from 'node:assert/strict'
import { test } from 'node:test'
import { friends, people, person, say, unique } from '@/testing/people'
import { blockPerson } from './blocking'
import { getConversation, listConversations, listFullConversations } from './conversations'
import { missing } from './errors'
import { toNewest } from './message-rows'
import { markRead } from './receipts'
import { joinRoom } from './rooms'

test('a conversation has its people, its newest message and how far each has read', async () => {
  const { ada, bob, id } = await friends()
  await say(ada, id, 'one')
  const newest = await say(ada, id, 'two')
  await markRead(bob, id, { seq: 1 })
  const view = await getConversation(bob, id)
  const { people: both, receipts, ...rest } = view
  assert.deepEqual(rest, {
    id,
    kind: 'direct',
    name: ada.name,
    newest: toNewest(newest),
    lastSeq: 2,
    lastReadSeq: 1,
    lastSaid: 2,
    readSaid: 1,
    mentions: 0,
    version: 0,
    firstSeq: 1,
    reaction: { version: 0, lastSeq: 2, latest: null },
    blocked: [],
    isClosed: false,
    activeAt: newest.createdAt,
  })
  assert.deepEqual(
    both.map(({ id, username, name }) => [id, username, name]),
    [ada, bob].map(({ id, username, name }) => [id, username, name]),
  )
  assert.deepEqual(receipts, [
    { userId: ada.id, lastDeliveredSeq: 2, lastReadSeq: 2 },
    { userId: bob.id, lastDeliveredSeq: 1, lastReadSeq: 1 },
  ])
  assert.deepEqual(await listConversations(bob), { conversations: [view], nextCursor: null })
  const { conversations } = await listFullConversations(bob)
  assert.deepEqual(conversations, [
    {
      id,
      kind: 'direct',
      name: ada.name,
      people: both,
      newest,
      unread: 1,
      mentions: 0,
      lastReadSeq: 1,
      version: 0,
      firstSeq: 1,
    },
  ])
})

test('a closed conversation has only the reader’s own receipt', async () => {
  const { ada, bob, id } = await friends()
  await blockPerson(ada, bob.id)
  for (const one of [ada, bob]) {
    const { isClosed, receipts } = await getConversation(one, id)
    assert.ok(isClosed)
    assert.deepEqual(receipts, [{ userId: one.id, lastDeliveredSeq: 0, lastReadSeq: 0 }])
  }
})

test('a room has its people on its own page, and not in the lists of other pages', async () => {
  const [ada, bob] = await people('ada', 'bob')
  assert.ok(ada && bob)
  const room = await joinRoom(ada, { name: `room-${unique()}` })
  await joinRoom(bob, room)
  const view = await getConversation(bob, room.id)
  assert.deepEqual([view.people.length, view.newest, view.name], [2, null, room.name])
  assert.deepEqual(view.receipts, [{ userId: bob.id, lastDeliveredSeq: 0, lastReadSeq: 0 }])
  assert.deepEqual((await listConversations(bob)).conversations, [{ ...view, people: [] }])
  assert.deepEqual((await listFullConversations(bob)).conversations[0]?.people, view.people)
})

test('a list cuts the newest message to 200 characters, without splitting one', async () => {
  const { ada, id } = await friends()
  for (const [body, cut] of [
    ['😀'.repeat(201), '😀'.repeat(200)],
    [`x${'😀'.repeat(300)}`, `x${'😀'.repeat(199)}`],
    ['x'.repeat(200), 'x'.repeat(200)],
  ] as const) {
    await say(ada, id, body)
    assert.equal((await getConversation(ada, id)).newest?.body, cut)
  }
})

test('a conversation is not found by other people, or with a malformed id', async () => {
  const { id } = await friends()
  const eve = await person('eve')
  for (const one of [id, '', 'x', eve.id])
    await assert.rejects(getConversation(eve, one), missing('conversation'))
  assert.deepEqual(await listConversations(eve), { conversations: [], nextCursor: null })
})

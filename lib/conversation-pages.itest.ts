import assert from 'node:assert/strict'
import { test } from 'node:test'
import { and, eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { conversations, memberships } from '@/db/schema'
import { cookieOf } from '@/testing/cookies'
import { assertProblem, request } from '@/testing/http'
import { friends, makeConversations, person, say, sayInRoom, type TestPerson, unique } from '@/testing/people'
import { getConversation, listConversations, listFullConversations } from './conversations'
import { loadOverview } from './overview'
import { markDelivered, markRead } from './receipts'
import { joinRoom } from './rooms'
import { listUnread } from './unread'

type List = typeof listConversations | typeof listFullConversations

/** The ids on each page of a person's list. */
async function pagesOf(user: TestPerson, list: List = listConversations) {
  const pages: string[][] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<List>> = await list(user, { cursor })
    pages.push(page.conversations.map(({ id }) => id))
    cursor = page.nextCursor
    assert.ok(pages.length < 100, 'it ends')
  } while (cursor)
  return pages
}

const membership = async (user: TestPerson, id: string) => {
  const [row] = await database()
    .select()
    .from(memberships)
    .innerJoin(conversations, eq(conversations.id, memberships.conversationId))
    .where(and(eq(memberships.userId, user.id), eq(memberships.conversationId, id)))
  assert.ok(row)
  return row
}

test('pages of a list have every conversation once, the latest first', async () => {
  const ada = await person('ada')
  const ids = await makeConversations(ada, 120)
  assert.deepEqual(await pagesOf(ada), [ids.slice(0, 50), ids.slice(50, 100), ids.slice(100)])
  assert.deepEqual(await pagesOf(ada, listFullConversations), [ids])
})

test('a full last page is the last', async () => {
  const ada = await person('ada')
  const ids = await makeConversations(ada, 50)
  assert.deepEqual(await pagesOf(ada), [ids])
})

test('the API has 200 conversations on a page', async () => {
  const ada = await person('ada')
  const ids = await makeConversations(ada, 201)
  const first = (await ada.request('/api/me')).body
  const second = (await ada.request(`/api/me?cursor=${first.nextCursor}`)).body
  const listed = (body: { conversations: { id: string }[] }) => body.conversations.map(({ id }) => id)
  assert.deepEqual([listed(first), listed(second)], [ids.slice(0, 200), ids.slice(200)])
  assert.deepEqual([second.nextCursor, second.user.id], [null, ada.id])
})

test('conversations of the same time are listed once', async () => {
  const ada = await person('ada')
  const ids = await makeConversations(ada, 101)
  const at = '2026-01-02T03:04:05.678912Z'
  const isAdas = sql`id in (select conversation_id from memberships where user_id = ${ada.id})`
  await database().execute(sql`update memberships set active_at = ${at} where user_id = ${ada.id}`)
  await database().execute(sql`update conversations set last_activity_at = ${at} where ${isAdas}`)
  const pages = await pagesOf(ada)
  assert.equal(pages.length, 3)
  assert.deepEqual(pages.flat(), ids.sort().reverse())
})

test('a message moves its conversation to the top of both lists', async () => {
  const ada = await person('ada')
  const ids = await makeConversations(ada, 60)
  const last = ids.at(-1) ?? ''
  const { members } = { members: (await getConversation(ada, last)).people }
  const other = members.find(({ id }) => id !== ada.id)
  assert.ok(other)
  const bob = { ...ada, ...other }
  await makeConversations(bob, 2)
  await say(bob, last)
  for (const one of [ada, bob]) assert.equal((await pagesOf(one))[0]?.[0], last)
})

test('rooms stand among the other conversations by their newest message, and on one page', async () => {
  const ada = await person('ada')
  const ids = await makeConversations(ada, 60)
  const [busy, quiet] = [
    await joinRoom(ada, { name: `busy-${unique()}` }),
    await joinRoom(ada, { name: `quiet-${unique()}` }),
  ]
  await database().execute(sql`
    update conversations set last_activity_at = now() - interval '55.5 minutes' where id = ${quiet.id}`)
  await sayInRoom(ada, busy.id)
  assert.deepEqual((await pagesOf(ada)).flat(), [busy.id, ...ids.slice(0, 55), quiet.id, ...ids.slice(55)])
})

test('a message in a room changes no membership but the sender’s', async () => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const room = await joinRoom(ada, { name: `room-${unique()}` })
  await joinRoom(bob, room)
  const version = () =>
    database().execute(
      sql`select xmin from memberships where conversation_id = ${room.id} and user_id = ${bob.id}`,
    )
  const before = await version()
  await say(ada, room.id)
  assert.deepEqual(await version(), before)
  const { memberships: own } = await membership(ada, room.id)
  assert.deepEqual([own.activeAt, own.newestSeq, own.lastReadSeq], [null, null, 1])
})

test('after simultaneous messages, both memberships have the time and number of the newest', async () => {
  const { ada, bob, id } = await friends()
  await Promise.all(Array.from({ length: 40 }, (_, index) => say(index % 2 ? ada : bob, id)))
  for (const one of [ada, bob]) {
    const { memberships: own, conversations: whole } = await membership(one, id)
    assert.deepEqual([own.activeAt, own.newestSeq], [whole.lastActivityAt, 40])
  }
})

test('a message does not move a conversation back if the clock was set back', async () => {
  const { ada, bob, id } = await friends()
  const later = sql`now() + interval '1 hour'`
  await database().update(conversations).set({ lastActivityAt: later }).where(eq(conversations.id, id))
  const first = await say(ada, id)
  const second = await say(bob, id)
  assert.ok(first.createdAt <= second.createdAt)
  assert.ok(Date.parse(second.createdAt) > Date.now() + 3_000_000)
})

test('a conversation made by the release before, which stored no place, is listed by its newest message', async () => {
  const ada = await person('ada')
  const ids = await makeConversations(ada, 60)
  await database()
    .update(memberships)
    .set({ activeAt: null, newestSeq: null })
    .where(and(eq(memberships.userId, ada.id), eq(memberships.conversationId, ids[54] ?? '')))
  assert.deepEqual((await pagesOf(ada)).flat(), ids)
})

test('unread conversations are counted, undelivered ones first, and at most 100', async () => {
  const ada = await person('ada')
  const ids = await makeConversations(ada, 130)
  assert.deepEqual([...(await listUnread(ada))], [])
  const setSeqs = (lastDeliveredSeq: number, only?: string) =>
    database()
      .update(memberships)
      .set({ newestSeq: 3, lastDeliveredSeq })
      .where(and(eq(memberships.userId, ada.id), only ? eq(memberships.conversationId, only) : undefined))
  await setSeqs(3)
  const [, one = ''] = ids
  await setSeqs(2, one)
  const unread = await listUnread(ada)
  assert.equal(unread.length, 100)
  assert.deepEqual(unread[0], { id: one, count: 3, isUndelivered: true })
  assert.ok(unread.slice(1).every(({ isUndelivered }) => !isUndelivered))
})

test('a page’s overview has the unread messages of conversations that are not on it', async () => {
  const ada = await person('ada')
  const [old = ''] = await makeConversations(ada, 1)
  const other = (await getConversation(ada, old)).people.find(({ id }) => id !== ada.id)
  assert.ok(other)
  const bob = { ...ada, ...other }
  await say(bob, old)
  await say(bob, old)
  assert.deepEqual((await loadOverview(ada)).unread, {})
  await database().execute(sql`
    with moved as (
      update conversations set last_activity_at = now() - interval '1 day' where id = ${old} returning id, last_activity_at)
    update memberships set active_at = last_activity_at from moved where conversation_id = id`)
  await makeConversations(ada, 50)
  const { conversations: listed, unread } = await loadOverview(ada)
  assert.deepEqual([listed.length, unread], [50, { [old]: 2 }])
  await markDelivered(ada)
  assert.deepEqual([...(await listUnread(ada))], [{ id: old, count: 2, isUndelivered: false }])
  await markRead(ada, old, { seq: 1 })
  assert.deepEqual((await loadOverview(ada)).unread, { [old]: 1 })
  await markRead(ada, old, { seq: 2 })
  assert.deepEqual((await loadOverview(ada)).unread, {})
})

test('a malformed cursor is a 422 that names the field', async () => {
  const ada = await person('ada')
  const cookie = await cookieOf(ada)
  for (const cursor of [
    'x',
    '1',
    `:${ada.id}`,
    `-1:${ada.id}`,
    `1:${ada.id}0`,
    `99999999999999999:${ada.id}`,
    '1:%00',
  ]) {
    assertProblem(await ada.request(`/api/me?cursor=${cursor}`), 422, ['cursor'])
    assertProblem(await request(`/overview?cursor=${cursor}`, { headers: { cookie } }), 422, ['cursor'])
  }
  for (const cursor of [`0:${ada.id}`, `9999999999999999:${ada.id}`])
    assert.deepEqual((await ada.request(`/api/me?cursor=${cursor}`)).body.nextCursor, null)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connect as connectDatabase, type Database, database } from '@/db/connection'
import { processState } from '@/db/process-state'
import { eventually } from '@/testing/eventually'
import { assertProblem } from '@/testing/http'
import {
  conversationOf,
  friends,
  makeGroup,
  makePeople,
  people,
  person,
  say,
  type TestPerson,
} from '@/testing/people'
import { connect } from '@/testing/sockets'
import { getConversation } from './conversations'
import { toNewest } from './message-rows'
import { loadOverview } from './overview'
import { conversationChannel } from './realtime/channels'
import { markDelivered, markRead, reportReceipts } from './receipts'

/** The last seq delivered to the person, and the last one read. */
async function receipt(of: TestPerson, id: string) {
  const { receipts } = await getConversation(of, id)
  const mine = receipts.find(({ userId }) => userId === of.id)
  return [mine?.lastDeliveredSeq, mine?.lastReadSeq]
}

const read = (by: TestPerson, id: string, seq: unknown) =>
  by.request(`/api/conversations/${id}/read`, { body: { seq } })
const unread = async (of: TestPerson) => (await of.request('/api/me')).body.conversations[0].unread

async function threeMessages() {
  const all = await friends()
  for (const body of ['one', 'two', 'three']) await say(all.ada, all.id, body)
  return all
}

test('a message is unread for the other person, and read for its sender', async () => {
  const { ada, bob, id } = await threeMessages()
  assert.deepEqual(await receipt(ada, id), [3, 3])
  assert.deepEqual(await receipt(bob, id), [0, 0])
  assert.equal(await unread(ada), 0)
  assert.equal(await unread(bob), 3)
})

test('loading the overview marks messages delivered, and not read', async () => {
  const { bob, id } = await threeMessages()
  await loadOverview(bob)
  await eventually(async () => (await receipt(bob, id))[0] === 3)
  assert.deepEqual(await receipt(bob, id), [3, 0])
})

test('marking read is a 204 and lowers the unread count', async () => {
  const { bob, id } = await threeMessages()
  const { status, text } = await read(bob, id, 2)
  assert.deepEqual([status, text], [204, ''])
  assert.deepEqual(await receipt(bob, id), [2, 2])
  assert.equal(await unread(bob), 1)
  assert.equal((await read(bob, id, '3')).status, 204)
  assert.equal(await unread(bob), 0)
})

test('a receipt never moves back', async () => {
  const { bob, id } = await threeMessages()
  await markDelivered(bob)
  for (const seq of [2, 1, 0]) assert.equal((await read(bob, id, seq)).status, 204)
  assert.deepEqual(await receipt(bob, id), [3, 2])
})

test('a report that moves one receipt forward does not move the other back', async () => {
  const { bob, id } = await threeMessages()
  const report = (delivered: number, read: number) =>
    reportReceipts(bob, { receipts: [{ conversationId: id, delivered, read }] })
  await report(2, 1)
  await report(3, 0)
  assert.deepEqual(await receipt(bob, id), [3, 1])
  await report(0, 2)
  assert.deepEqual(await receipt(bob, id), [3, 2])
})

test('of several receipts for one conversation in a report the furthest counts', async () => {
  const { bob, id } = await threeMessages()
  const receipts = [
    { conversationId: id, delivered: 1, read: 2 },
    { conversationId: id.toUpperCase(), delivered: 3, read: 1 },
  ]
  await reportReceipts(bob, { receipts })
  assert.deepEqual(await receipt(bob, id), [3, 2])
})

test('only a mark that moves a receipt is published', async () => {
  const { ada, bob, id } = await threeMessages()
  const socket = await connect(ada)
  await socket.subscribe(conversationChannel(id))
  for (const seq of [2, 2, 1, 3]) await markRead(bob, id, { seq })
  await socket.receives('receipt.updated', ({ data }) => data.lastReadSeq === 3)
  assert.equal(socket.count('receipt.updated'), 2)
  socket.disconnect()
})

test('a receipt never goes beyond the newest message', async () => {
  const { ada, bob, id } = await threeMessages()
  for (const seq of [4, 1_000_000, Number.MAX_SAFE_INTEGER])
    assert.equal((await read(bob, id, seq)).status, 204)
  assert.deepEqual(await receipt(bob, id), [3, 3])
  await say(ada, id, 'four')
  assert.equal(await unread(bob), 1)
})

test('of many simultaneous marks the highest counts', async () => {
  const { bob, id } = await threeMessages()
  await Promise.all([1, 3, 2, 0, 1, 2, 3, 1].map((seq) => markRead(bob, id, { seq })))
  assert.deepEqual(await receipt(bob, id), [3, 3])
})

test('tabs that report several conversations in different orders do not deadlock', async () => {
  const bob = await person('bob')
  const ids = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const ada = await person()
      const id = await conversationOf(ada, bob)
      for (let count = 0; count < 8; count++) await say(ada, id)
      return id
    }),
  )
  const rounds = Array.from({ length: 16 }, (_, round) => {
    const receipts = ids.map((conversationId) => ({ conversationId, delivered: 8, read: 1 + (round % 8) }))
    return reportReceipts(bob, { receipts: round % 2 ? receipts : receipts.reverse() })
  })
  await Promise.all([...rounds, markDelivered(bob)])
  for (const id of ids) assert.deepEqual(await receipt(bob, id), [8, 8])
})

test('sending marks the earlier messages read', async () => {
  const { bob, id } = await threeMessages()
  await say(bob, id, 'four')
  assert.deepEqual(await receipt(bob, id), [4, 4])
})

test('a malformed mark is a 422', async () => {
  const { bob, id } = await threeMessages()
  for (const seq of [undefined, null, -1, 1.5, 'x', '', true, {}, [1]])
    assertProblem(await read(bob, id, seq), 422, ['seq'])
})

test('the list of people has the unread count for each', async () => {
  const { ada, bob } = await threeMessages()
  const [found] = (await bob.request(`/api/users?q=${ada.username}`)).body.users
  assert.equal(found.unread, 3)
})

test('the conversation with the newest message comes first, with that message', async () => {
  const [ada, bob, cyd] = await people('ada', 'bob', 'cyd')
  assert.ok(ada && bob && cyd)
  const [first, second] = [await conversationOf(ada, bob), await conversationOf(ada, cyd)]
  await say(cyd, second, 'hello')
  const newest = await say(bob, first, 'hello again')
  const { conversations } = await loadOverview(ada)
  assert.deepEqual(
    conversations.map(({ id }) => id),
    [first, second],
  )
  assert.deepEqual(conversations[0]?.newest, toNewest(newest))
  assert.deepEqual(
    conversations.map(({ name }) => name),
    [bob.name, cyd.name],
  )
})

test('the overview takes the same number of queries for twenty conversations, for two and for none', async () => {
  const costs = []
  for (const count of [0, 2, 20]) {
    const ada = await person()
    for (let made = 0; made < count; made++) {
      const other = await person('friend')
      await say(other, await conversationOf(ada, other))
    }
    const { queries, result } = await counted(() => loadOverview(ada))
    assert.equal(result.conversations.length, count)
    costs.push(queries)
  }
  // One query each for conversations, unread ones and invitations. Marking delivered comes after the response.
  assert.deepEqual(costs, [3, 3, 3])
})

/** Runs `work` on a database that counts its queries. */
async function counted<T>(work: () => Promise<T>) {
  const shared = processState('database', (): { pool?: Database } => ({}))
  const usual = database()
  // One connection that was used before, because a new one queries the database's types.
  const counting = connectDatabase(String(process.env.DATABASE_URL), 1)
  await counting.execute('select 1')
  let queries = 0
  counting.$client.options.debug = () => queries++
  shared.pool = counting
  try {
    return { result: await work(), queries }
  } finally {
    // Wait for the queries after the response.
    await counting.execute('select 1')
    shared.pool = usual
    await counting.$client.end()
  }
}

test('a group of up to 50 shows receipts, a larger one only the person’s own', async () => {
  const [ada, bob] = await people('ada', 'bob')
  const others = await makePeople(49)
  const small = await makeGroup(ada, bob, ...others.slice(0, 48))
  const large = await makeGroup(ada, bob, ...others)
  const socket = await connect(ada)
  for (const id of [large, small]) {
    await socket.subscribe(conversationChannel(id))
    await say(ada, id)
    await markRead(bob, id, { seq: 1 })
  }
  const { data } = await socket.receives('receipt.updated', ({ data }) => data.userId === bob.id)
  assert.equal(data.conversationId, small)
  const shown = async (id: string) => (await getConversation(ada, id)).receipts.map(({ userId }) => userId)
  assert.deepEqual(await shown(large), [ada.id])
  assert.equal((await shown(small)).length, 50)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { auditLog, conversations, siteSettings } from '@/db/schema'
import { switchToOwnDatabase } from '@/testing/databases'
import { friends, makeGroup, say, sayInRoom, unique } from '@/testing/people'
import { startJobs } from './jobs'
import { countExpired, startRetention } from './retention'
import { joinRoom } from './rooms'

await switchToOwnDatabase()

const forEver = { keepRooms: null, keepGroups: null, keepDirect: null }
const keep = (days: Partial<Record<keyof typeof forEver, number | null>>) =>
  database().update(siteSettings).set(days)

/** Makes the messages up to `seq` 30 days older. */
const age = (id: string, seq: number) =>
  database().execute(sql`
    update messages set created_at = created_at - interval '30 days' where conversation_id = ${id} and seq <= ${seq}`)

async function runRetention() {
  await startRetention()
  await startJobs()
}

const find = async (id: string) => {
  const [row] = await database().select().from(conversations).where(eq(conversations.id, id))
  const rows = await database().execute<{ seq: string }>(
    sql`select seq from messages where conversation_id = ${id} order by seq`,
  )
  return { firstSeq: row?.firstSeq, version: row?.version, kept: rows.map(({ seq }) => Number(seq)) }
}

test.afterEach(() => keep(forEver))

test('messages older than their kind of conversation keeps them are deleted', async () => {
  const { ada, bob, id: direct } = await friends()
  const group = await makeGroup(ada, bob)
  const { id: room } = await joinRoom(ada, { name: unique() })
  for (const body of ['one', 'two', 'three']) {
    await say(ada, direct, body)
    await say(ada, group, body)
    await sayInRoom(ada, room, body)
  }
  await age(direct, 2)
  await age(group, 1)
  await age(room, 3)
  const settings = { keepRooms: 29, keepGroups: 31, keepDirect: 10 }
  assert.deepEqual(await countExpired(settings), { count: 5, isAtLeast: false })
  assert.deepEqual(await countExpired(forEver), { count: 0, isAtLeast: false })
  await keep(settings)
  await runRetention()
  assert.deepEqual(await find(direct), { firstSeq: 3, version: 1, kept: [3] })
  assert.deepEqual(await find(group), { firstSeq: 1, version: 0, kept: [1, 2, 3] })
  assert.deepEqual(await find(room), { firstSeq: 4, version: 1, kept: [] })
  assert.deepEqual(await countExpired(settings), { count: 0, isAtLeast: false })
  const [entry] = await database().select().from(auditLog)
  assert.deepEqual(
    [entry?.actorId, entry?.action, entry?.details],
    [null, 'messages-expired', { direct: 2, room: 3 }],
  )
  await sayInRoom(ada, room, 'four')
  assert.deepEqual((await find(room)).kept, [4])
})

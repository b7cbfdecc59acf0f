import assert from 'node:assert/strict'
import { test } from 'node:test'
import { and, desc, eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { auditLog, conversations, jobs, memberships, siteSettings } from '@/db/schema'
import { switchToOwnDatabase } from '@/testing/databases'
import { friends, groupOf, makeGroup, say, sayInRoom, type TestPerson, unique } from '@/testing/people'
import { refusedWith } from '@/testing/refusals'
import { age, expire } from '@/testing/retention'
import { getConversation } from './conversations'
import { listMessages } from './history'
import { startJobs } from './jobs'
import { listMentions } from './mentions'
import { deleteMessage, editMessage, listVersions } from './message-changes'
import { sendMessage } from './messages'
import { setReaction } from './reactions'
import { countExpired, deleteExpired, repeatRetention, startRetention } from './retention'
import { joinRoom } from './rooms'
import { listUnread } from './unread'

await switchToOwnDatabase()

const forEver = { keepRooms: null, keepGroups: null, keepDirect: null }
const keep = (days: Partial<Record<keyof typeof forEver, number | null>>) =>
  database().update(siteSettings).set(days)
test.afterEach(() => keep(forEver))

async function runRetention() {
  await startRetention()
  await startJobs()
}

async function find(id: string) {
  const [row] = await database().select().from(conversations).where(eq(conversations.id, id))
  return { firstSeq: row?.firstSeq, version: row?.version, kept: await seqsIn('messages', id) }
}

async function seqsIn(table: string, id: string) {
  const rows = await database().execute<{ seq: string }>(
    sql`select distinct seq from ${sql.identifier(table)} where conversation_id = ${id} order by seq`,
  )
  return rows.map(({ seq }) => Number(seq))
}

const sayAll = async (person: TestPerson, id: string, count: number) => {
  for (let number = 1; number <= count; number++) await say(person, id, `message ${number}`)
}

test('messages older than their kind of conversation keeps them are deleted', async () => {
  const { ada, bob, id: direct } = await friends()
  const group = await makeGroup(ada, bob)
  const { id: room } = await joinRoom(ada, { name: unique() })
  await sayAll(ada, direct, 3)
  await sayAll(ada, group, 3)
  await sayAll(ada, room, 3)
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
  const [entry] = await database().select().from(auditLog).orderBy(desc(auditLog.at))
  assert.deepEqual(
    [entry?.actorId, entry?.action, entry?.details],
    [null, 'messages-expired', { direct: 2, room: 3 }],
  )
  await sayInRoom(ada, room, 'four')
  assert.deepEqual((await find(room)).kept, [4])
})

test('a run without anything to delete leaves no line in the log', async () => {
  await keep({ keepRooms: 1, keepGroups: 1, keepDirect: 1 })
  await runRetention()
  const count = await database().$count(auditLog)
  await runRetention()
  assert.equal(await database().$count(auditLog), count)
})

test('a long conversation is deleted in batches, and counted exactly', async () => {
  const { ada, id } = await friends()
  await database().execute(sql`
    insert into messages (conversation_id, seq, sender_id, body, nonce, created_at)
    select ${id}, seq, ${ada.id}, 'old', seq::text, now() - interval '30 days' + seq * interval '1 second'
    from generate_series(1, 2500) as seq`)
  await database().update(conversations).set({ lastSeq: 2500 }).where(eq(conversations.id, id))
  await say(ada, id, 'new')
  assert.equal((await countExpired({ ...forEver, keepDirect: 7 })).count, 2500)
  await keep({ keepDirect: 7 })
  await runRetention()
  assert.deepEqual(await find(id), { firstSeq: 2501, version: 5, kept: [2501] })
  const [entry] = await database().select().from(auditLog).orderBy(desc(auditLog.at))
  assert.deepEqual(entry?.details, { direct: 2500 })
})

test('a change to “for ever” stops a run', async () => {
  const { ada, id } = await friends()
  await sayAll(ada, id, 2)
  await age(id, 2)
  await database().insert(jobs).values({ kind: 'retention', state: {} })
  await startJobs()
  assert.deepEqual((await find(id)).kept, [1, 2])
})

test('side rows go with their messages, notices stay, and a reply to what is gone quotes nothing', async () => {
  const { owner, members, id } = await groupOf('ada', 'bob')
  const [bob] = members as [TestPerson]
  const seq = (await say(owner, id, `hello @${bob.username}`)).seq
  await editMessage(owner, id, seq, { body: `hi @${bob.username}` })
  await setReaction(bob, id, seq, '👍', true)
  await sendMessage(bob, id, { body: 'an answer', replyTo: seq })
  await sendMessage(bob, id, { body: 'another answer', replyTo: seq })
  await database().execute(sql`insert into notices (conversation_id, seq, number) values (${id}, 1, 1)`)
  await expire(id, 2)
  for (const table of ['message_changes', 'message_versions', 'reactions', 'mentions'])
    assert.deepEqual(await seqsIn(table, id), [], table)
  assert.deepEqual(await seqsIn('replies', id), [3])
  assert.deepEqual(await seqsIn('notices', id), [1])
  const { messages, firstSeq } = await listMessages(bob, id)
  assert.deepEqual(
    messages.map(({ seq, said, replyTo }) => ({ seq, said, replyTo })),
    [{ seq: 3, said: 2, replyTo: null }],
  )
  assert.equal(firstSeq, 3)
  assert.deepEqual(await listVersions(bob, id, seq), [])
  assert.deepEqual(await listMentions(bob), [])
})

test('nobody has unread messages or mentions that are gone', async () => {
  const { owner, members, id } = await groupOf('ada', 'bob')
  const [bob] = members as [TestPerson]
  await say(owner, id, `@${bob.username} one`)
  await say(owner, id, `@${bob.username} two`)
  await say(owner, id, 'three')
  await expire(id, 1)
  assert.deepEqual([...(await listUnread(bob))], [{ id, count: 2, isUndelivered: true }])
  const { mentions, lastReadSeq } = await getConversation(bob, id)
  assert.deepEqual({ mentions, lastReadSeq }, { mentions: 1, lastReadSeq: 1 })
  await expire(id, 3)
  assert.equal((await listUnread(bob)).length, 0)
  const conversation = await getConversation(bob, id)
  assert.equal(conversation.mentions, 0)
  assert.equal(conversation.newest, null)
  assert.deepEqual([conversation.lastSeq, conversation.firstSeq], [3, 4])
  const [own] = await database()
    .select()
    .from(memberships)
    .where(and(eq(memberships.conversationId, id), eq(memberships.userId, owner.id)))
  assert.equal(own?.lastReadSeq, 3)
})

test('what is gone can neither be answered nor changed', async () => {
  const { ada, id } = await friends()
  await sayAll(ada, id, 2)
  await expire(id, 1)
  const gone = [ada, id, 1] as const
  await assert.rejects(sendMessage(ada, id, { body: 'answer', replyTo: 1 }), refusedWith(422))
  await assert.rejects(editMessage(...gone, { body: 'edit' }), refusedWith(404))
  await assert.rejects(deleteMessage(...gone), refusedWith(404))
  await assert.rejects(setReaction(...gone, '👍', true), refusedWith(404))
})

test('a reply, an edit, a reaction and a message that wait for a batch see what it has deleted', async () => {
  const { ada, bob, id } = await friends()
  await sayAll(ada, id, 2)
  await age(id, 1)
  let waiting: Promise<PromiseSettledResult<unknown>[]> | undefined
  await database().transaction(async (tx) => {
    await deleteExpired(tx, id, { ...forEver, keepDirect: 7 })
    waiting = Promise.allSettled([
      sendMessage(bob, id, { body: 'answer', replyTo: 1 }),
      editMessage(ada, id, 1, { body: 'edit' }),
      setReaction(bob, id, 1, '👍', true),
      say(bob, id, 'new'),
    ])
    await waitingForLock(4)
  })
  const statuses = (await waiting)?.map((one) => (one.status === 'rejected' ? one.reason.status : 'done'))
  assert.deepEqual(statuses, [422, 404, 404, 'done'])
  assert.deepEqual(await find(id), { firstSeq: 2, version: 1, kept: [2, 3] })
  for (const table of ['replies', 'reactions', 'message_changes', 'message_versions'])
    assert.deepEqual(await seqsIn(table, id), [], table)
})

async function waitingForLock(count: number) {
  for (;;) {
    const [row] = await database().execute<{ count: number }>(
      sql`select count(*)::int from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    if (row?.count === count) return
  }
}

test('two runs at once delete each message once', async () => {
  const ids = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const { ada, id } = await friends()
      await sayAll(ada, id, 3)
      await age(id, 2)
      return id
    }),
  )
  const keeping = { ...forEver, keepDirect: 7 }
  const all = [...ids, ...ids].map((id) => database().transaction((tx) => deleteExpired(tx, id, keeping)))
  const counts = (await Promise.all(all)).map((expired) => expired?.count ?? 0)
  assert.equal(
    counts.reduce((sum, count) => sum + count),
    10,
  )
  for (const id of ids) assert.deepEqual(await find(id), { firstSeq: 3, version: 1, kept: [3] })
})

test('housekeeping begins a run once an hour, and none without need', async () => {
  const begun = () => database().$count(jobs, eq(jobs.kind, 'retention'))
  await database().delete(jobs)
  await repeatRetention()
  assert.equal(await begun(), 0)
  await keep({ keepRooms: 7 })
  await Promise.all([repeatRetention(), startJobs()])
  await repeatRetention()
  await startJobs()
  assert.equal(await begun(), 1)
  await database().update(jobs).set({ createdAt: sql`now() - interval '1 hour'` })
  await repeatRetention()
  assert.equal(await begun(), 2)
})

test('a page of messages below the first one that is kept begins with that one', async () => {
  const { ada, id } = await friends()
  await sayAll(ada, id, 40)
  await expire(id, 10)
  const list = async (bounds: object) => {
    const { messages, firstSeq, more } = await listMessages(ada, id, bounds)
    return [messages[0]?.seq, messages.at(-1)?.seq, firstSeq, more]
  }
  assert.deepEqual(await list({ after: 3, limit: 5 }), [11, 15, 11, true])
  assert.deepEqual(await list({ after: 3, since: 0, limit: 100 }), [11, 40, 11, false])
  assert.deepEqual(await list({ around: 3 }), [11, 35, 11, true])
  assert.deepEqual(await list({ before: 3, limit: 5 }), [11, 15, 11, false])
  assert.deepEqual(await list({ before: 11, limit: 5 }), [undefined, undefined, 11, false])
  assert.deepEqual(await list({ before: 20, limit: 100 }), [11, 19, 11, false])
  assert.deepEqual(await list({ limit: 100 }), [11, 40, 11, false])
})

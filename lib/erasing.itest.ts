import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { conversations, jobs } from '@/db/schema'
import { switchToOwnDatabase } from '@/testing/databases'
import { conversationOf, friends, groupOf, people, person, say, sayInRoom, unique } from '@/testing/people'
import { eraseMessages } from './erasing'
import { eraseLater } from './erasing-job'
import { inviteToGroup } from './groups'
import { listMessages } from './history'
import { startJobs } from './jobs'
import { listMentions } from './mentions'
import { editMessage } from './message-changes'
import { setReaction } from './reactions'
import { joinRoom } from './rooms'

await switchToOwnDatabase()

/** Erases all messages of a person, or those in rooms since a time, and waits until that is done. */
async function erase(senderId: string, inRoomsSince?: string) {
  await eraseLater(database(), { senderId, inRoomsSince })
  await startJobs()
  const left = await database().select().from(jobs).where(sql`finished_at is null`)
  assert.deepEqual(left, [])
}

/** Adds messages with nonces in a random order. */
const sayMany = (senderId: string, conversationId: string, count: number) =>
  database().execute(sql`
    with said as (
      insert into messages (conversation_id, seq, sender_id, body, nonce)
      select id, last_seq + number, ${senderId}, 'one of many', gen_random_uuid()
      from conversations, generate_series(1, ${count}::int) as number where id = ${conversationId})
    update conversations set last_seq = last_seq + ${count} where id = ${conversationId}`)

const bodiesIn = async (by: Parameters<typeof listMessages>[0], id: string) =>
  (await listMessages(by, id, { limit: 100 })).messages.map(({ body }) => body)

test('all that a person said is deleted, in every kind of conversation, and nothing of others', async () => {
  const { id: group, owner: ada, members } = await groupOf('ada', 'bob')
  const [bob] = members
  assert.ok(bob)
  const direct = await conversationOf(ada, bob)
  const room = await joinRoom(ada, { name: unique() })
  for (const id of [group, direct]) for (const by of [ada, bob, ada]) await say(by, id, `by ${by.username}`)
  for (const by of [ada, bob]) await sayInRoom(by, room.id, `by ${by.username}`)
  await erase(ada.id)
  const kept = `by ${bob.username}`
  assert.deepEqual(await bodiesIn(bob, group), ['', kept, ''])
  assert.deepEqual(await bodiesIn(bob, direct), ['', kept, ''])
  assert.deepEqual(await bodiesIn(bob, room.id), ['', kept])
})

test('an erased message keeps no earlier text, reaction, quote or mention', async () => {
  const { ada, bob, id } = await friends()
  await say(bob, id, 'a question')
  await say(ada, id, `secret for @${bob.username}`)
  await editMessage(ada, id, 2, { body: `second secret for @${bob.username}` })
  await setReaction(bob, id, 2, '👍', true)
  const { version } = await listMessages(bob, id)
  await erase(ada.id)
  const { messages, changed } = await listMessages(bob, id, { after: 0, since: version })
  const [, erased] = messages
  assert.deepEqual(changed, [])
  assert.ok(erased?.deletedAt)
  const { body, reactions, replyTo, mentions, editedAt } = erased
  assert.deepEqual([body, reactions, replyTo, mentions, editedAt], ['', [], null, [], null])
  assert.deepEqual(await listMentions(bob), [])
  for (const table of ['message_versions', 'reactions', 'mentions']) {
    const rows = await database().execute(
      sql`select from ${sql.identifier(table)} where conversation_id = ${id}`,
    )
    assert.equal(rows.length, 0, table)
  }
})

test('each erased message counts as one change, so that clients find all of them', async () => {
  const { ada, bob, id } = await friends()
  await sayMany(ada.id, id, 250)
  await say(bob, id, 'mine')
  await erase(ada.id)
  const seen = new Set<number>()
  let since = 0
  for (let more = true; more; ) {
    const page = await listMessages(bob, id, { after: 251, since, limit: 100 })
    for (const { version, body } of page.changed) {
      assert.equal(body, '')
      seen.add(version)
    }
    since = page.version
    more = page.more
  }
  assert.deepEqual([seen.size, since], [250, 250])
})

test('many conversations and long ones are finished', async () => {
  const [ada, ...others] = await people('ada', ...Array.from({ length: 45 }, () => 'other'))
  assert.ok(ada)
  const ids = await Promise.all(others.map((other) => conversationOf(ada, other)))
  for (const [index, id] of ids.entries()) await sayMany(ada.id, id, index === 20 ? 1500 : 7)
  await erase(ada.id)
  const left = await database().execute(sql`select from messages where sender_id = ${ada.id} and body <> ''`)
  assert.equal(left.length, 0)
})

test('only what was said in rooms since a time is deleted', async () => {
  const { ada, bob, id } = await friends()
  const room = await joinRoom(ada, { name: unique() })
  await say(ada, id, 'private')
  await sayInRoom(ada, room.id, 'old')
  await database().execute(
    sql`update messages set created_at = now() - interval '2 days' where conversation_id = ${room.id}`,
  )
  await sayInRoom(ada, room.id, 'new')
  await erase(ada.id, new Date(Date.now() - 24 * 3600_000).toISOString())
  await joinRoom(bob, { name: room.name })
  assert.deepEqual(await bodiesIn(bob, room.id), ['old', ''])
  assert.deepEqual(await bodiesIn(bob, id), ['private'])
})

test('notices stay, and the number of messages without them', async () => {
  const { id, owner, members } = await groupOf('owner', 'ada')
  const [ada] = members
  assert.ok(ada)
  await say(owner, id)
  await inviteToGroup(owner, id, { username: (await person('eve')).username })
  await say(owner, id)
  await erase(owner.id)
  const { messages } = await listMessages(ada, id)
  assert.deepEqual(
    messages.map(({ kind, said, body }) => [kind, said, body !== '']),
    [
      ['said', 1, false],
      ['notice', 1, true],
      ['said', 2, false],
    ],
  )
})

test('messages that are erased twice at the same time change once', async () => {
  const { ada, id } = await friends()
  await sayMany(ada.id, id, 50)
  const seqs = Array.from({ length: 50 }, (_, index) => index + 1)
  const erased = await Promise.all(
    [1, 2].map(() => database().transaction((tx) => eraseMessages(tx, id, seqs))),
  )
  assert.equal(erased.flat().length, 1)
  const [row] = await database().select().from(conversations).where(eq(conversations.id, id))
  assert.equal(row?.version, 50)
})

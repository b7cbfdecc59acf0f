import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { conversations, memberships, messages } from '@/db/schema'
import { eventually } from '@/testing/eventually'
import { assertProblem, isoTime } from '@/testing/http'
import { friends, people, person, say, type TestPerson, unknownId } from '@/testing/people'
import { connect } from '@/testing/sockets'
import { blockPerson } from './blocking'
import { Refusal } from './errors'
import { listMessages } from './history'
import { changeMessage, deleteMessage, editMessage, listVersions } from './message-changes'
import { sendMessage } from './messages'
import { conversationChannel, userChannel } from './realtime/channels'

const path = (id: string, seq: number | string) => `/api/conversations/${id}/messages/${seq}`
const edit = (by: TestPerson, id: string, seq: number | string, fields: object) =>
  by.request(path(id, seq), { method: 'PATCH', body: fields })
const remove = (by: TestPerson, id: string, seq: number | string) =>
  by.request(path(id, seq), { method: 'DELETE' })

async function find(by: TestPerson, id: string, seq: number) {
  const { messages } = await listMessages(by, id, { before: seq + 1, limit: 1 })
  assert.equal(messages[0]?.seq, seq)
  return messages[0]
}
const versionOf = async (by: TestPerson, id: string) => (await listMessages(by, id)).version
const refused = (status: number) => (error: unknown) => error instanceof Refusal && error.status === status

/** The statuses of what was refused, 200 for the rest. */
const outcomes = async (attempts: Promise<unknown>[]) =>
  (await Promise.allSettled(attempts)).map((one) => {
    if (one.status === 'fulfilled') return 200
    if (one.reason instanceof Refusal) return one.reason.status
    throw one.reason
  })

async function oneMessage(body = 'first') {
  const all = await friends()
  return { ...all, sent: await say(all.ada, all.id, body) }
}

/** Adds what reactions store, without their rules. */
const react = (by: TestPerson, id: string, seq: number) =>
  changeMessage(by, id, seq, async (tx, { version }) => {
    await tx.execute(sql`insert into reactions (conversation_id, seq, emoji, user_id, version)
      values (${id}, ${seq}, '👍', ${by.id}, ${version})`)
    return { what: 'reacted', emoji: '👍', added: true }
  })

/** A group with an owner and two members. */
async function group() {
  const [owner, ada, bob] = await people('owner', 'ada', 'bob')
  const [row] = await database()
    .insert(conversations)
    .values({ kind: 'group', name: 'Tea' })
    .returning({ id: conversations.id })
  assert.ok(row)
  const entry = { conversationId: row.id, newestSeq: 0, activeAt: sql`now()` }
  await database()
    .insert(memberships)
    .values([owner, ada, bob].map(({ id }) => ({ ...entry, userId: id, role: roleOf(id, owner.id) })))
  return { owner, ada, bob, id: row.id }
}
const roleOf = (id: string, ownerId: string) => (id === ownerId ? ('owner' as const) : ('member' as const))

const makeOlder = (id: string, age: string) =>
  database()
    .update(messages)
    .set({ createdAt: sql`now() - ${age}::interval` })
    .where(eq(messages.conversationId, id))

test('an edit is a 200 with the message, which everyone reads the same', async () => {
  const { ada, bob, id, sent } = await oneMessage()
  const { status, body } = await edit(ada, id, 1, { body: 'second', version: 0 })
  assert.equal(status, 200)
  assert.match(body.editedAt, isoTime)
  assert.deepEqual(body, { ...sent, body: 'second', version: 1, editedAt: body.editedAt })
  for (const reader of [ada, bob]) {
    assert.deepEqual(await find(reader, id, 1), body)
    assert.deepEqual(await listVersions(reader, id, 1), [{ body: 'first', writtenAt: sent.createdAt }])
  }
})

test('earlier versions are listed from the latest to the first, with their times', async () => {
  const { ada, id, sent } = await oneMessage()
  const second = await editMessage(ada, id, 1, { body: 'second' })
  await editMessage(ada, id, 1, { body: 'third' })
  assert.deepEqual(await listVersions(ada, id, 1), [
    { body: 'second', writtenAt: second.editedAt },
    { body: 'first', writtenAt: sent.createdAt },
  ])
})

test('the same text again is no change', async () => {
  const { ada, id } = await oneMessage()
  const edited = await edit(ada, id, 1, { body: 'second' })
  const again = await edit(ada, id, 1, { body: 'second', version: 1 })
  assert.deepEqual([again.status, again.body], [200, edited.body])
  assert.equal(await versionOf(ada, id), 1)
  assert.equal((await listVersions(ada, id, 1)).length, 1)
})

test('an edit from an older text is a 409 with the message, and a reaction is no conflict', async () => {
  const { ada, bob, id } = await oneMessage()
  await react(bob, id, 1)
  const edited = await edit(ada, id, 1, { body: 'second', version: 0 })
  assert.deepEqual([edited.status, edited.body.version], [200, 2])
  await react(ada, id, 1)
  for (const version of [0, 1]) {
    const late = await edit(ada, id, 1, { body: 'third', version })
    assertProblem(late, 409)
    assert.deepEqual(late.body.message, await find(ada, id, 1))
    assert.deepEqual([late.body.message.body, late.body.message.version], ['second', 3])
  }
  assert.equal((await edit(ada, id, 1, { body: 'third', version: 2 })).status, 200)
  assert.equal((await edit(ada, id, 1, { body: 'fourth' })).status, 200, 'without a version')
})

test('a malformed edit is a 422 that names the field', async () => {
  const { ada, id } = await oneMessage()
  for (const body of ['', ' \n', 'x'.repeat(4001), 'a\0b', '\ud800', null, 5, undefined])
    assertProblem(await edit(ada, id, 1, { body }), 422, ['body'])
  for (const version of [-1, 1.5, 'x', {}, []])
    assertProblem(await edit(ada, id, 1, { body: 'fine', version }), 422, ['version'])
  assert.equal((await find(ada, id, 1))?.body, 'first')
})

test('only the sender may edit a message, for 24 hours', async () => {
  const { ada, bob, id } = await oneMessage()
  assertProblem(await edit(bob, id, 1, { body: 'mine' }), 403)
  await makeOlder(id, '23 hours 59 minutes')
  assert.equal((await edit(ada, id, 1, { body: 'in time' })).status, 200)
  await makeOlder(id, '24 hours 1 second')
  assertProblem(await edit(ada, id, 1, { body: 'too late' }), 403)
  assert.equal((await remove(ada, id, 1)).status, 204, 'deleting is always allowed')
})

test('in a closed conversation messages can be deleted, but not edited', async () => {
  const { ada, bob, id } = await oneMessage()
  await blockPerson(bob, ada.id)
  assertProblem(await edit(ada, id, 1, { body: 'second' }), 403)
  assert.equal((await remove(ada, id, 1)).status, 204)
})

test('what a person may not see, and what does not exist, is a 404', async () => {
  const { ada, id } = await oneMessage()
  const eve = await person('eve')
  for (const [by, to, seq] of [
    [eve, id, 1],
    [ada, unknownId, 1],
    [ada, 'x', 1],
    ...['0', '2', '-1', '1.0', '1e0', 'x', '9'.repeat(30)].map((seq) => [ada, id, seq] as const),
  ] as const) {
    assertProblem(await edit(by, to, seq, { body: 'mine' }), 404)
    assertProblem(await remove(by, to, seq), 404)
  }
  await assert.rejects(listVersions(eve, id, 1), refused(404))
  assert.equal((await find(ada, id, 1))?.body, 'first')
})

test('deleting is a 204, and again a 204 that changes nothing', async () => {
  const { ada, bob, id, sent } = await oneMessage()
  assertProblem(await remove(bob, id, 1), 403)
  assert.equal((await remove(ada, id, 1)).status, 204)
  const deleted = await find(bob, id, 1)
  assert.match(String(deleted?.deletedAt), isoTime)
  assert.deepEqual(deleted, { ...sent, body: '', version: 1, deletedAt: deleted?.deletedAt })
  assert.equal((await remove(ada, id, 1)).status, 204)
  assertProblem(await remove(bob, id, 1), 403)
  assert.deepEqual(await find(bob, id, 1), deleted)
  assert.equal(await versionOf(ada, id), 1)
  assertProblem(await edit(ada, id, 1, { body: 'second' }), 410)
})

test('a deleted message leaves nothing of it in the database, and nothing else is lost', async () => {
  const { ada, bob, id } = await oneMessage('kept')
  const rows = (name: string, column = 'seq') =>
    database().execute(sql`select * from ${sql.identifier(name)} where conversation_id = ${id}
      and ${sql.identifier(column)} = 2`)
  await sendMessage(bob, id, { body: `secret @${ada.username}`, replyTo: 1 })
  await editMessage(bob, id, 2, { body: `secret again @${ada.username}` })
  await react(ada, id, 2)
  await sendMessage(ada, id, { body: 'an answer', replyTo: 2 })
  await react(ada, id, 1)
  const tables = ['message_versions', 'reactions', 'mentions', 'replies']
  for (const name of tables) assert.equal((await rows(name)).length, 1, `${name} before`)
  await deleteMessage(bob, id, 2)
  for (const name of tables) assert.equal((await rows(name)).length, 0, name)
  const [row] = await rows('messages')
  assert.equal(row?.body, '')

  const [first, second, third] = (await listMessages(ada, id)).messages
  assert.equal(first?.reactions.length, 1)
  assert.deepEqual(
    [second?.body, second?.replyTo, second?.reactions, second?.mentions, second?.editedAt],
    ['', null, [], [], null],
  )
  assert.deepEqual([third?.replyTo?.excerpt, third?.replyTo?.isDeleted], ['', true])
  assert.deepEqual(await listVersions(ada, id, 2), [])
  assert.doesNotMatch(await everythingAbout(id), /secret/)
})

/** All rows of the conversation, in every table that has any. */
async function everythingAbout(id: string) {
  const tables = await database().execute<{ name: string }>(sql`
    select table_name as name from information_schema.columns
    where column_name = 'conversation_id' and table_schema = 'public'`)
  assert.ok(tables.length > 7)
  const all = await Promise.all(
    tables.map(({ name }) =>
      database().execute(sql`select * from ${sql.identifier(name)} where conversation_id = ${id}`),
    ),
  )
  return JSON.stringify(all, (_key, value) => (typeof value === 'bigint' ? String(value) : value))
}

test('the owner of a group deletes any of its messages, and edits only their own', async () => {
  const { owner, ada, bob, id } = await group()
  for (const body of ['one', 'two']) await say(ada, id, body)
  assertProblem(await remove(bob, id, 1), 403)
  assertProblem(await edit(owner, id, 1, { body: 'mine' }), 403)
  assert.equal((await remove(owner, id, 1)).status, 204)
  assert.equal((await remove(ada, id, 2)).status, 204)
  await say(owner, id, 'three')
  assertProblem(await remove(ada, id, 3), 403)
})

test('a notice can be neither edited nor deleted', async () => {
  const { owner, id } = await group()
  await say(owner, id, 'owner renamed the group')
  await database().execute(sql`insert into notices (conversation_id, seq, number) values (${id}, 1, 1)`)
  assertProblem(await edit(owner, id, 1, { body: 'mine' }), 403)
  assertProblem(await remove(owner, id, 1), 403)
})

test('a reply to a deleted message or a notice is refused, and one to an edited message shows its text', async () => {
  const { ada, bob, id } = await oneMessage()
  await editMessage(ada, id, 1, { body: 'x'.repeat(200) })
  const { message } = await sendMessage(bob, id, { body: 'yes', replyTo: 1 })
  assert.deepEqual(message.replyTo?.excerpt, 'x'.repeat(140))
  await deleteMessage(ada, id, 1)
  const { messages } = await listMessages(ada, id)
  assert.deepEqual([messages[1]?.replyTo?.excerpt, messages[1]?.replyTo?.isDeleted], ['', true])
  for (const replyTo of [1, 3, 99]) {
    const answer = await bob.request(`/api/conversations/${id}/messages`, { body: { body: 'no', replyTo } })
    assertProblem(answer, 422, ['replyTo'])
  }
})

test('people who see the conversation are notified of each change, once', async () => {
  const { ada, bob, id } = await oneMessage()
  const socket = await connect(bob)
  await socket.subscribe(conversationChannel(id))
  await socket.subscribe(userChannel(bob.id))
  const edited = await editMessage(ada, id, 1, { body: 'second' })
  await editMessage(ada, id, 1, { body: 'second' })
  await deleteMessage(ada, id, 1)
  await deleteMessage(ada, id, 1)
  const events = (name: string) =>
    socket.received.filter(({ event }) => event === name).map(({ data }) => data)
  await eventually(() => events('message.changed').length >= 2 && events('conversation.touched').length >= 2)
  const about = { conversationVersion: 1, actor: ada.id, what: 'edited' }
  assert.deepEqual(events('message.changed')[0], { message: edited, ...about })
  assert.deepEqual(
    events('message.changed').map(({ what, conversationVersion }) => [what, conversationVersion]),
    [
      ['edited', 1],
      ['deleted', 2],
    ],
  )
  const newest = events('conversation.touched').map((data) => data.newest as { seq: number; version: number })
  assert.deepEqual(
    newest.map(({ seq, version }) => [seq, version]),
    [
      [1, 1],
      [1, 2],
    ],
  )
})

test('a change of an earlier message does not touch the lists', async () => {
  const { ada, bob, id } = await oneMessage()
  await say(bob, id)
  const socket = await connect(bob)
  await socket.subscribe(userChannel(bob.id))
  await editMessage(ada, id, 1, { body: 'second' })
  await say(ada, id, 'the last')
  await eventually(() => socket.received.length > 0)
  const newest = socket.received.map(({ data }) => (data.newest as { body: string }).body)
  assert.deepEqual(newest, ['the last'])
})

const rounds = Array.from({ length: 8 }, (_, index) => index)

test('of two simultaneous edits with a version, one is a 409', async () => {
  for (const round of rounds) {
    const { ada, id } = await oneMessage()
    const statuses = await outcomes(
      ['one', 'other'].map((body) => editMessage(ada, id, 1, { body: `${body} ${round}`, version: 0 })),
    )
    assert.deepEqual(statuses.sort(), [200, 409])
    assert.equal(await versionOf(ada, id), 1)
    assert.equal((await listVersions(ada, id, 1)).length, 1)
  }
})

test('twenty simultaneous edits without a version are counted one after another', async () => {
  const { ada, id } = await oneMessage()
  const bodies = Array.from({ length: 20 }, (_, index) => `text ${index}`)
  const edited = await Promise.all(bodies.map((body) => editMessage(ada, id, 1, { body })))
  const versions = edited.map(({ version }) => version).sort((one, other) => one - other)
  assert.deepEqual(
    versions,
    bodies.map((_body, index) => index + 1),
  )
  const last = edited.find(({ version }) => version === 20)
  assert.deepEqual(await find(ada, id, 1), last)
  const known = [last, ...(await listVersions(ada, id, 1))].map((one) => one?.body).sort()
  assert.deepEqual(known, ['first', ...bodies].sort(), 'each text is the present or an earlier one')
})

test('an edit at the same time as the deletion is applied before it, or a 410', async () => {
  for (const round of rounds) {
    const { ada, id } = await oneMessage()
    const attempts = [
      () => editMessage(ada, id, 1, { body: `secret ${round}`, version: 0 }),
      () => deleteMessage(ada, id, 1),
    ]
    const statuses = await outcomes((round % 2 ? attempts : attempts.reverse()).map((attempt) => attempt()))
    assert.ok(
      statuses.every((status) => status === 200 || status === 410),
      statuses.join(),
    )
    const message = await find(ada, id, 1)
    assert.equal(message?.body, '')
    assert.equal(message?.version, await versionOf(ada, id))
    assert.doesNotMatch(await everythingAbout(id), /secret/)
  }
})

test('simultaneous deletions are one change', async () => {
  const { ada, id } = await oneMessage()
  await Promise.all(rounds.map(() => deleteMessage(ada, id, 1)))
  assert.equal(await versionOf(ada, id), 1)
})

test('edits and deletions at the same time as sends leave no gap in either order', async () => {
  const { ada, bob, id } = await friends()
  for (const round of rounds) await say(ada, id, `text ${round}`)
  await outcomes([
    ...rounds.map((round) => editMessage(ada, id, round + 1, { body: `changed ${round}` })),
    ...rounds.map(() => say(bob, id)),
    ...rounds.slice(4).map((round) => deleteMessage(ada, id, round + 1).then(() => say(ada, id))),
  ])
  const { messages, version } = await listMessages(ada, id)
  assert.deepEqual(
    messages.map(({ seq }) => seq),
    messages.map((_message, index) => index + 1),
  )
  const changed = messages.filter((one) => one.version > 0)
  assert.equal(changed.length, 8)
  assert.equal(new Set(changed.map((one) => one.version)).size, 8, 'each has its own version')
  assert.equal(Math.max(...changed.map((one) => one.version)), version)
})

test('a message that is answered and deleted at the same time is answered first, or the reply is a 422', async () => {
  for (const round of rounds) {
    const { ada, bob, id } = await oneMessage()
    const attempts = [
      () => sendMessage(bob, id, { body: 'an answer', replyTo: 1 }),
      () => deleteMessage(ada, id, 1),
    ]
    const statuses = await outcomes((round % 2 ? attempts : attempts.reverse()).map((attempt) => attempt()))
    const { messages } = await listMessages(ada, id)
    assert.equal(messages.length, statuses.includes(422) ? 1 : 2, statuses.join())
    assert.ok(messages.slice(1).every(({ replyTo }) => replyTo?.isDeleted))
  }
})

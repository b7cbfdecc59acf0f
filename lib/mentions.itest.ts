import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { eventually } from '@/testing/eventually'
import {
  conversationOf,
  groupOf,
  makeGroup,
  people,
  person,
  say,
  sayInRoom,
  type TestPerson,
  unique,
} from '@/testing/people'
import { connect } from '@/testing/sockets'
import { enterRoom, leaveRoom } from './attendance'
import { blockPerson } from './blocking'
import { getConversation } from './conversations'
import { removeFromGroup } from './group-members'
import { findMessage } from './history'
import { listMentions } from './mentions'
import { deleteMessage, editMessage } from './message-changes'
import { userChannel } from './realtime/channels'
import { markRead } from './receipts'
import { joinRoom } from './rooms'

const at = ({ username }: TestPerson) => `@${username}`

/** How many unread messages mention the person, by page and by API. */
async function countOf(by: TestPerson, id: string) {
  const { mentions } = await getConversation(by, id)
  const { body } = await by.request('/api/me')
  const listed = body.conversations.find((one: { id: string }) => one.id === id)
  assert.equal(listed.mentions, mentions)
  return mentions
}

const mentionsIn = async (by: TestPerson, id: string, seq: number) =>
  (await findMessage(by, id, seq))?.mentions.sort()

async function group() {
  const { id, owner: ada, members } = await groupOf('ada', 'bob', 'cleo')
  const [bob, cleo] = members as [TestPerson, TestPerson]
  return { id, ada, bob, cleo }
}

test('a message mentions the people of its conversation, not others and not its sender', async () => {
  const { id, ada, bob, cleo } = await group()
  const eve = await person('eve')
  const sent = await say(ada, id, `${at(bob).toUpperCase()}, ${[ada, cleo, eve].map(at)} \`${at(bob)}\` @bob`)
  assert.deepEqual(sent.mentions.sort(), [bob.id, cleo.id].sort())
  for (const reader of [ada, bob]) assert.deepEqual(await mentionsIn(reader, id, 1), sent.mentions)
  assert.deepEqual(await Promise.all([ada, bob, cleo].map((one) => countOf(one, id))), [0, 1, 1])
  assert.deepEqual((await say(ada, id, `\`${at(bob)}\``)).mentions, [])
  assert.equal(await countOf(bob, id), 1)
})

test('a username with punctuation at the end can be mentioned, and diverts no mention of another', async () => {
  const [ada, bob] = await people('ada', 'bob')
  const dot = await person('dot', { username: `${bob.username}.` })
  const id = await makeGroup(ada, bob, dot)
  assert.deepEqual((await say(ada, id, `Ask ${at(bob)}.`)).mentions.sort(), [bob.id, dot.id].sort())
  assert.deepEqual((await say(ada, id, `Ask ${at(bob)}!`)).mentions, [bob.id])
})

test('in a room only the people who are there are mentioned', async () => {
  const [ada, bob] = await people('ada', 'bob')
  const { id } = await joinRoom(ada, { name: `tea-${unique()}` })
  await enterRoom(bob, id)
  assert.deepEqual((await sayInRoom(ada, id, at(bob))).mentions, [bob.id])
  await leaveRoom(bob, id)
  assert.deepEqual((await sayInRoom(ada, id, at(bob))).mentions, [])
  assert.deepEqual(await listMentions(bob), [])
})

test('a mention by a blocked person does nothing', async () => {
  const { id, ada, bob } = await group()
  await say(ada, id, at(bob))
  await blockPerson(bob, ada.id)
  assert.deepEqual(await listMentions(bob), [])
  assert.deepEqual((await say(ada, id, at(bob))).mentions, [])
  const { seq } = await say(ada, id, 'hello')
  assert.deepEqual((await editMessage(ada, id, seq, { body: at(bob) })).mentions, [])
})

test('reading clears the count, up to what was read', async () => {
  const { id, ada, bob } = await group()
  for (const body of [at(bob), 'hello', `${at(bob)} ${at(bob)}`]) await say(ada, id, body)
  assert.equal(await countOf(bob, id), 2)
  await markRead(bob, id, { seq: 1 })
  assert.equal(await countOf(bob, id), 1)
  await markRead(bob, id, { seq: 3 })
  assert.equal(await countOf(bob, id), 0)
})

test('an edit adds and withdraws mentions, and counts nothing new in a message that was read', async () => {
  const { id, ada, bob, cleo } = await group()
  await say(ada, id, at(bob))
  await markRead(cleo, id, { seq: 1 })
  const edited = await editMessage(ada, id, 1, { body: at(cleo) })
  assert.deepEqual(edited.mentions, [cleo.id])
  assert.deepEqual(await Promise.all([bob, cleo].map((one) => countOf(one, id))), [0, 0])
  assert.deepEqual((await listMentions(bob)).length, 0)
  await editMessage(ada, id, 1, { body: `${at(cleo)} and ${at(bob)}` })
  await editMessage(ada, id, 1, { body: `${at(cleo)}, ${at(bob)}` })
  assert.deepEqual(await Promise.all([bob, cleo].map((one) => countOf(one, id))), [1, 0])
  await deleteMessage(ada, id, 1)
  assert.equal(await countOf(bob, id), 0)
  assert.deepEqual(await listMentions(cleo), [])
})

test('an edit keeps the mentions of people who have left or blocked the sender since', async () => {
  const { id, ada, bob, cleo } = await group()
  await say(ada, id, `${at(bob)} ${at(cleo)}`)
  await removeFromGroup(bob, id, 'me')
  await blockPerson(cleo, ada.id)
  const edited = await editMessage(ada, id, 1, { body: `Dear ${at(bob)} and ${at(cleo)}` })
  assert.deepEqual(edited.mentions.sort(), [bob.id, cleo.id].sort())
})

test('only a person whose count has changed is notified of it', async () => {
  const { id, ada, bob, cleo } = await group()
  const sockets = await Promise.all([bob, cleo].map(connect))
  for (const socket of sockets) await socket.subscribe(userChannel(socket.person.id))
  const counts = () =>
    sockets.map(({ received }) =>
      received.flatMap(({ data }) => (data.mentions === undefined ? [] : [data.mentions])),
    )
  const become = (expected: number[][]) => eventually(() => isDeepStrictEqual(counts(), expected))
  await say(ada, id, 'hello')
  await say(ada, id, at(bob))
  await become([[1], []])
  await editMessage(ada, id, 1, { body: `${at(bob)} ${at(cleo)}` })
  await become([[1, 2], [1]])
  await editMessage(ada, id, 1, { body: `${at(cleo)}, ${at(bob)}` })
  await editMessage(ada, id, 1, { body: at(cleo) })
  await become([[1, 2, 1], [1]])
  await markRead(cleo, id, { seq: 2 })
  await deleteMessage(ada, id, 1)
  await deleteMessage(ada, id, 2)
  await become([
    [1, 2, 1, 0],
    [1, 0],
  ])
  await say(ada, id, 'the last')
  for (const socket of sockets)
    await socket.receives('conversation.touched', ({ data }) => JSON.stringify(data).includes('the last'))
  await become([
    [1, 2, 1, 0],
    [1, 0],
  ])
})

test('simultaneous edits leave the mentions of the last one', async () => {
  const { id, ada, bob, cleo } = await group()
  await say(ada, id, 'hello')
  for (let round = 0; round < 5; round++) {
    const bodies = [bob, cleo].map((one) => `${at(one)} ${round}`)
    await Promise.all(bodies.map((body) => editMessage(ada, id, 1, { body })))
    const stored = await findMessage(ada, id, 1)
    const named = stored?.body.startsWith(at(bob)) ? bob : cleo
    assert.deepEqual(stored?.mentions, [named.id])
    assert.deepEqual(
      await Promise.all([bob, cleo].map((one) => countOf(one, id))),
      [bob, cleo].map((one) => Number(one === named)),
    )
  }
})

test('the list has the last 100 mentions in conversations that the person is in, the newest first', async () => {
  const { id, ada, bob } = await group()
  const [cleo] = await people('cleo')
  const left = await makeGroup(ada, bob)
  const direct = await conversationOf(bob, cleo)
  await say(ada, left, at(bob))
  await say(ada, id, `${at(bob)} ${'x'.repeat(200)}`)
  await markRead(bob, id, { seq: 1 })
  await say(cleo, direct, at(bob))
  await removeFromGroup(bob, left, 'me')
  const { name } = await getConversation(bob, id)
  const listed = await listMentions(bob)
  const row = ({ kind, name, seq, sender, isRead }: (typeof listed)[number]) => [
    kind,
    name,
    seq,
    sender.id,
    isRead,
  ]
  assert.deepEqual(listed.map(row), [
    ['direct', null, 1, cleo.id, false],
    ['group', name, 1, ada.id, true],
  ])
  assert.equal(listed[1]?.excerpt, `${at(bob)} ${'x'.repeat(200)}`.slice(0, 140))
  await database().execute(sql`
    with sent as (
      insert into messages (conversation_id, seq, sender_id, body, nonce, created_at)
      select ${id}, number, ${ada.id}, 'm', number, now() from generate_series(2, 130) as number returning seq)
    insert into mentions (conversation_id, seq, user_id, created_at)
    select ${id}, seq, ${bob.id}, now() + seq * interval '1 ms' from sent`)
  const seqs = (await listMentions(bob)).map(({ seq }) => seq)
  assert.deepEqual(
    seqs,
    Array.from({ length: 100 }, (_, index) => 130 - index),
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eq } from 'drizzle-orm'
import { database } from '@/db/connection'
import { conversations, notices } from '@/db/schema'
import { eventually } from '@/testing/eventually'
import { friends, people, person, say, type TestPerson, unique, unknownId } from '@/testing/people'
import { connect } from '@/testing/sockets'
import { blockPerson } from './blocking'
import { getConversation } from './conversations'
import type { Refusal } from './errors'
import { listMessages } from './history'
import { deleteMessage, editMessage } from './message-changes'
import { setReaction } from './reactions'
import { conversationChannel, userChannel } from './realtime/channels'
import { joinRoom } from './rooms'

const refusedWith = (status: number) => (error: Refusal) => {
  assert.equal(error.status, status, error.stack)
  return true
}
const kinds = ['👍', '❤️', '😂', '🎉', '😮', '😢', '🔥', '👏', '🙏', '💯', '👀', '🚀', '✅', '🤔', '🙌', '😎']
const more = ['🐶', '🐱', '🐭', '🐹', '🐰', '🦊']
const allKinds = [...kinds, ...more]

/** A room with that many people, and one message of the first. */
async function room(...names: string[]) {
  const all = await people(...names)
  const name = `room-${unique()}`
  const [{ id } = { id: '' }] = await Promise.all(all.map((one) => joinRoom(one, { name })))
  const [first] = all as [TestPerson]
  await say(first, id, 'one')
  return { all, id }
}

async function versionOf(id: string) {
  const [row] = await database().select().from(conversations).where(eq(conversations.id, id))
  return row?.version
}

async function reactionsOf(user: TestPerson, id: string) {
  const { messages } = await listMessages(user, id)
  return messages.at(-1)?.reactions.map(({ emoji, count, mine }) => [emoji, count, mine])
}

test('a reaction is added once and removed once, and each counts one version', async () => {
  const { ada, bob, id } = await friends()
  await say(ada, id)
  for (const _ of [1, 2]) {
    const { reactions, version } = await setReaction(bob, id, 1, '❤', true)
    assert.deepEqual(
      reactions.map(({ emoji, people, mine }) => [emoji, people.map(({ id }) => id), mine]),
      [['❤️', [bob.id], true]],
    )
    assert.equal(version, 1)
  }
  await setReaction(ada, id, 1, '❤️', true)
  assert.deepEqual(await reactionsOf(ada, id), [['❤️', 2, true]])
  for (const _ of [1, 2]) await setReaction(bob, id, 1, '❤️', false)
  assert.deepEqual(await reactionsOf(bob, id), [['❤️', 1, false]])
  assert.equal(await versionOf(id), 3)
  assert.equal((await getConversation(bob, id)).lastSaid, 1)
})

test('what is no emoji, notices, deleted messages and other people’s conversations are refused', async () => {
  const { ada, bob, id } = await friends()
  const eve = await person('eve')
  for (const body of ['one', 'two', 'notice']) await say(ada, id, body)
  await deleteMessage(ada, id, 2)
  // Only groups have notices.
  const group = { kind: 'group' as const, directKey: null, name: 'Lunch' }
  await database().update(conversations).set(group).where(eq(conversations.id, id))
  await database().insert(notices).values({ conversationId: id, seq: 3, number: 1 })
  const before = await versionOf(id)
  for (const added of [true, false]) {
    const react = (user: TestPerson, seq: number, emoji = '👍', at = id) =>
      setReaction(user, at, seq, emoji, added)
    for (const text of ['', 'x', '1', '👍👍', '❤\uFE0E'])
      await assert.rejects(react(bob, 1, text), refusedWith(422))
    await assert.rejects(react(bob, 3), refusedWith(422))
    await assert.rejects(react(bob, 2), refusedWith(410))
    await assert.rejects(react(bob, 4), refusedWith(404))
    await assert.rejects(react(eve, 1), refusedWith(404))
    await assert.rejects(react(eve, 2), refusedWith(404))
    await assert.rejects(react(bob, 1, '👍', unknownId), refusedWith(404))
    await assert.rejects(react(bob, 1, '👍', 'x'), refusedWith(404))
  }
  assert.equal(await versionOf(id), before)
})

test('in a closed conversation reactions are neither added nor removed', async () => {
  const { ada, bob, id } = await friends()
  await say(ada, id)
  await setReaction(bob, id, 1, '👍', true)
  await blockPerson(ada, bob.id)
  await assert.rejects(setReaction(bob, id, 1, '👍', false), refusedWith(403))
  await assert.rejects(setReaction(ada, id, 1, '👍', true), refusedWith(403))
  assert.equal(await versionOf(id), 1)
})

test('a person has at most three reactions to a message, also if two are added at once', async () => {
  const { ada, bob, id } = await friends()
  await say(ada, id)
  for (const emoji of ['👍', '🎉']) await setReaction(bob, id, 1, emoji, true)
  const both = await Promise.allSettled(['😂', '😮'].map((emoji) => setReaction(bob, id, 1, emoji, true)))
  const refused = both.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  assert.equal(refused.length, 1)
  assert.ok(refusedWith(409)(refused[0]))
  assert.equal((await reactionsOf(bob, id))?.length, 3)
  // Another person has three of their own, and a repeated one needs no place.
  await setReaction(ada, id, 1, '👀', true)
  await setReaction(bob, id, 1, '👍', true)
})

test('a message has at most 20 kinds of reactions, also if two people add another at once', async () => {
  const { all, id } = await room('ada', 'bob', 'cleo', 'dan', 'eve', 'fred', 'gus', 'hal')
  const [ada, bob, ...others] = all as [TestPerson, TestPerson, ...TestPerson[]]
  for (const [index, emoji] of allKinds.slice(0, 18).entries())
    await setReaction(others[Math.floor(index / 3)] ?? ada, id, 1, emoji, true)
  await setReaction(ada, id, 1, '🐰', true)
  const both = await Promise.allSettled([
    setReaction(ada, id, 1, '🐭', true),
    setReaction(bob, id, 1, '🐹', true),
  ])
  assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  assert.equal((await reactionsOf(ada, id))?.length, 20)
  await assert.rejects(setReaction(bob, id, 1, '🦊', true), refusedWith(409))
  await setReaction(bob, id, 1, '👍', true)
})

test('the same reaction sent many times at once counts one version', async () => {
  const { ada, bob, id } = await friends()
  await say(ada, id)
  await Promise.all(Array.from({ length: 8 }, () => setReaction(bob, id, 1, '👍', true)))
  assert.deepEqual([await versionOf(id), await reactionsOf(bob, id)], [1, [['👍', 1, true]]])
})

test('everyone in the conversation is notified of a reaction, and its message’s sender also in their list', async () => {
  const { ada, bob, id } = await friends()
  const { seq } = await say(ada, id, 'lunch?')
  const [adas, bobs] = [await connect(ada), await connect(bob)]
  for (const [socket, user] of [
    [adas, ada],
    [bobs, bob],
  ] as const) {
    await socket.subscribe(userChannel(user.id))
    await socket.subscribe(conversationChannel(id))
  }
  await setReaction(bob, id, seq, '👍', true)
  const { data } = await bobs.receives('message.changed')
  const { message, ...rest } = data as never as { message: { reactions: unknown } }
  assert.deepEqual(rest, { conversationVersion: 1, actor: bob.id, what: 'reacted', emoji: '👍', added: true })
  const by = { id: bob.id, username: bob.username, name: bob.name }
  assert.deepEqual(message.reactions, [{ emoji: '👍', count: 1, people: [by] }])
  const touched = await adas.receives('conversation.touched')
  assert.deepEqual(touched.data, {
    conversationId: id,
    reaction: {
      version: 1,
      lastSeq: 1,
      latest: { seq: 1, emoji: '👍', excerpt: 'lunch?', person: by },
    },
  })
  assert.deepEqual((await getConversation(ada, id)).reaction, touched.data.reaction)
  assert.equal((await getConversation(bob, id)).reaction.latest, null)

  await setReaction(ada, id, seq, '🎉', true)
  await setReaction(bob, id, seq, '👍', false)
  const removed = await adas.receives('conversation.touched', ({ data }) => data !== touched.data)
  assert.deepEqual(removed.data.reaction, { version: 3, lastSeq: 1, latest: null })
  assert.equal(adas.count('conversation.touched'), 2)
  assert.equal(bobs.count('conversation.touched'), 0)
})

test('the list shows the latest reaction to one’s own messages after the newest message', async () => {
  const { ada, bob, id } = await friends()
  await say(ada, id, 'one')
  await say(bob, id, 'two')
  const latest = async (user: TestPerson) => {
    const { reaction } = await getConversation(user, id)
    return reaction.latest && [reaction.latest.seq, reaction.latest.emoji]
  }
  await setReaction(bob, id, 1, '👍', true)
  assert.deepEqual([await latest(ada), await latest(bob)], [[1, '👍'], null])
  await setReaction(bob, id, 1, '🎉', true)
  await setReaction(ada, id, 2, '😂', true)
  assert.deepEqual(
    [await latest(ada), await latest(bob)],
    [
      [1, '🎉'],
      [2, '😂'],
    ],
  )
  await setReaction(bob, id, 1, '🎉', false)
  assert.deepEqual(await latest(ada), [1, '👍'])
  const socket = await connect(ada)
  await socket.subscribe(userChannel(ada.id))
  await editMessage(ada, id, 1, { body: 'edited' })
  const edited = await socket.receives('conversation.touched')
  assert.equal((edited.data.reaction as never as { latest: { excerpt: string } }).latest.excerpt, 'edited')
  await deleteMessage(ada, id, 1)
  assert.equal(await latest(ada), null)
  await eventually(() => socket.count('conversation.touched') === 2)

  await say(bob, id, 'three')
  assert.equal(await latest(bob), null)
  await setReaction(ada, id, 3, '👍', true)
  await blockPerson(bob, ada.id)
  assert.equal(await latest(bob), null)
})

test('a repeated edit is no conflict, and is accepted although the message can be edited no longer', async () => {
  const { ada, bob, id } = await friends()
  await say(ada, id, 'one')
  const edited = await editMessage(ada, id, 1, { body: 'two', version: 0 })
  assert.deepEqual(await editMessage(ada, id, 1, { body: 'two', version: 0 }), edited)
  await assert.rejects(editMessage(ada, id, 1, { body: 'three', version: 0 }), refusedWith(409))
  await blockPerson(bob, ada.id)
  assert.deepEqual(await editMessage(ada, id, 1, { body: 'two', version: 0 }), edited)
  assert.equal(await versionOf(id), 1)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '@/testing/eventually'
import { friends, person, say, type TestPerson } from '@/testing/people'
import { connect, type Socket } from '@/testing/sockets'
import { blockPerson, unblockPerson } from './blocking'
import { getConversation } from './conversations'
import { conversationChannel, presenceChannel, userChannel } from './realtime/channels'
import type { Touched } from './realtime/events'
import { published } from './realtime/publish'
import { markDelivered, markRead } from './receipts'

/** Connects a person to all channels of a conversation. */
async function opens(who: TestPerson, id: string) {
  const socket = await connect(who)
  await socket.subscribe(userChannel(who.id))
  await socket.subscribe(conversationChannel(id))
  return { socket, presence: await socket.subscribe(presenceChannel(id)) }
}

const readBy = async (who: TestPerson, seenBy: TestPerson, id: string) =>
  (await getConversation(seenBy, id)).receipts.find(({ userId }) => userId === who.id)?.lastReadSeq

test('blocking closes the blocker’s socket on the presence channel, and not the other person’s', async () => {
  const { ada, bob, id } = await friends()
  const [adas, bobs] = [await opens(ada, id), await opens(bob, id)]
  bobs.socket.types(bobs.presence)
  await adas.socket.receives('client-typing')

  await blockPerson(ada, bob.id)
  await adas.socket.closes()

  // Blocking again disconnects nobody.
  const again = await connect(ada)
  await again.subscribe(userChannel(ada.id))
  await blockPerson(ada, bob.id)
  await unblockPerson(ada, bob.id)
  const closings = (socket: Socket) =>
    socket.received.filter(({ event }) => event === 'conversation.touched').map(({ data }) => data.isClosed)
  for (const [socket, expected] of [
    [again, [true, false]],
    [bobs.socket, [true, true, false]],
  ] as const)
    await eventually(() => closings(socket).length === expected.length).then(() =>
      assert.deepEqual(closings(socket), expected),
    )
})

test('in a closed conversation nobody may subscribe to the presence channel', async () => {
  const { ada, bob, id } = await friends()
  await blockPerson(ada, bob.id)
  for (const one of [ada, bob]) {
    const socket = await connect(one)
    await socket.subscribe(conversationChannel(id))
    await assert.rejects(socket.subscribe(presenceChannel(id)))
  }
  await unblockPerson(ada, bob.id)
  const [adas, bobs] = [await opens(ada, id), await opens(bob, id)]
  adas.socket.types(adas.presence)
  assert.equal((await bobs.socket.receives('client-typing')).userId, ada.id)
})

test('in a closed conversation nobody learns how far the other has read', async () => {
  const { ada, bob, id } = await friends()
  for (const body of ['one', 'two', 'three']) await say(bob, id, body)
  await markRead(ada, id, { seq: 1 })
  assert.equal(await readBy(ada, bob, id), 1)

  await blockPerson(ada, bob.id)
  const listener = await connect(bob)
  await listener.subscribe(conversationChannel(id))
  await markRead(ada, id, { seq: 2 })
  await markDelivered(ada)
  await published()
  for (const [one, other] of [
    [ada, bob],
    [bob, ada],
  ] as const) {
    assert.equal(await readBy(one, other, id), undefined)
    assert.equal(await readBy(one, one, id), one === ada ? 2 : 3)
  }

  assert.equal(listener.count('receipt.updated'), 0)

  await unblockPerson(ada, bob.id)
  assert.equal(await readBy(ada, bob, id), 2)
  const isOfAda = (lastReadSeq: number) => (heard: { data: Record<string, unknown> }) =>
    heard.data.userId === ada.id && heard.data.lastReadSeq === lastReadSeq
  await listener.receives('receipt.updated', isOfAda(2))
  await markRead(ada, id, { seq: 3 })
  await listener.receives('receipt.updated', isOfAda(3))
})

test('unblocking sends each of the two the other’s status', async () => {
  const { ada, bob, id } = await friends()
  await blockPerson(ada, bob.id)
  const sockets = await Promise.all([connect(ada), connect(bob)])
  for (const socket of sockets) await socket.subscribe(userChannel(socket.person.id))
  await unblockPerson(ada, bob.id)
  for (const socket of sockets) {
    const { data } = await socket.receives('conversation.touched', ({ data }) => data.isClosed === false)
    const { person } = data as Touched
    assert.equal(data.conversationId, id)
    assert.equal(person?.id, (socket.person === ada ? bob : ada).id)
    assert.match(String(person?.status), /^(online|offline)$/)
  }
})

test('blocking a person without a conversation disconnects nobody', async () => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const sockets = await Promise.all([connect(ada), connect(bob)])
  await blockPerson(ada, bob.id)
  // Subscribing works only if the socket is still open.
  for (const socket of sockets) await socket.subscribe(userChannel(socket.person.id))
})

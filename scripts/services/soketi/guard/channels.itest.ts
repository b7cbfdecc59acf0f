import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import {
  conversationChannel,
  presenceChannel,
  refused,
  subscribed,
  TestSoketi,
} from '@/scripts/services/test-soketi'

const soketi = new TestSoketi()

test('unsigned sign-ins and subscriptions are refused', async () => {
  const socket = await soketi.open()
  for (const channel of [conversationChannel(), presenceChannel()])
    for (const more of [{}, { auth: 'x' }, { auth: `${soketi.key}:x`, channel_data: '{' }])
      assert.equal(await socket.subscribe(channel, more), refused)
  assert.ok(await socket.isOpen())
  for (const user_data of ['', '{', 'null', '{"id":"ada"}']) {
    const socket = await soketi.open()
    socket.send({ event: 'pusher:signin', data: { auth: 'x', user_data } })
    assert.equal(await socket.ended(), 4009)
  }
})

test('channels that are not in the contract are refused, signed or not', async () => {
  const socket = await soketi.open()
  await soketi.signIn(socket, randomUUID())
  const id = randomUUID()
  for (const channel of [
    'lobby',
    `private-room-${id}`,
    `presence-user-${id}`,
    `cache-${id}`,
    `private-cache-${id}`,
    `presence-cache-${id}`,
    `private-encrypted-${id}`,
    `#server-to-user-${id}`,
    'private-user-x',
  ]) {
    assert.equal(await socket.subscribe(channel), refused, channel)
    assert.ok(!(await soketi.occupiedChannels()).includes(channel), channel)
  }
  assert.equal(await soketi.subscribe(await soketi.open(), `private-room-${id}`), refused)
  for (const channel of [
    `private-user-${id}`,
    conversationChannel(),
    presenceChannel(),
    'private-people',
    `private-attendance-${id}_${id}`,
  ])
    assert.equal(await soketi.subscribe(socket, channel), subscribed, channel)
})

test('a socket has at most 200 channels, and the site’s socket has no such limit', async () => {
  const socket = await soketi.open()
  const userId = randomUUID()
  await soketi.signIn(socket, userId)
  await socket.subscribe(`#server-to-user-${userId}`)
  const names = Array.from({ length: 201 }, conversationChannel)
  const answers = await Promise.all(names.map((name) => soketi.subscribe(socket, name)))
  assert.deepEqual([...new Set(answers.slice(0, 200))], [subscribed])
  assert.equal(answers[200], refused)
  socket.send({ event: 'pusher:unsubscribe', data: { channel: names[0] } })
  assert.equal(
    await soketi.subscribe(socket, conversationChannel()),
    subscribed,
    'after an unsubscribe there is room for another',
  )

  const site = await soketi.open()
  await soketi.signIn(site, `site-${randomUUID()}`)
  const more = await Promise.all(
    Array.from({ length: 400 }, () => soketi.subscribe(site, conversationChannel())),
  )
  assert.deepEqual([...new Set(more)], [subscribed])
})

test('a sign-in that was authorized before its login session ended is refused afterwards', async () => {
  const id = randomUUID()
  const [held, signedIn] = [await soketi.open(), await soketi.open()]
  const authorized = soketi.api.authenticateUser(held.id, { id })
  await soketi.signIn(signedIn, id)
  await soketi.api.terminateUserConnections(id)
  assert.equal(await signedIn.ended(), 4009)
  held.send({ event: 'pusher:signin', data: authorized })
  assert.equal(await held.ended(), 4009)
  const fresh = await soketi.open()
  await soketi.signIn(fresh, id)
  assert.ok(await fresh.isOpen(), 'a sign-in that is authorized afterwards is accepted')
})

test('a socket cannot change the identity that it signed in with', async () => {
  const socket = await soketi.open()
  const [id, other] = [randomUUID(), randomUUID()]
  await soketi.signIn(socket, id)
  socket.send({ event: 'pusher:signin', data: soketi.api.authenticateUser(socket.id, { id: other }) })
  assert.equal(await socket.subscribe(`#server-to-user-${other}`), refused)
  await soketi.api.terminateUserConnections(id)
  assert.equal(await socket.ended(), 4009)
})

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import Pusher from 'pusher-js'
import { authorizedBy, socketOptions } from '@/lib/realtime/pusher-options'
import { eventually } from '@/testing/eventually'
import { closeAtOnce } from '@/testing/sockets'
import { TestSoketi } from './test-soketi'

// Soketi's time-out for sign-ins (30 s) and the guard's life of a socket (24 h), shortened.
const signInWithinMs = 1500
const lifeSeconds = 6
const open: Pusher[] = []

const soketi = new TestSoketi({
  SOKETI_USER_AUTHENTICATION_TIMEOUT: String(signInWithinMs),
  SOKETI_SOCKET_SECONDS: String(lifeSeconds),
  SOKETI_SOCKETS_PER_ADDRESS: '10',
  TRUST_PROXY: 'true',
})

after(() => {
  for (const pusher of open) pusher.disconnect()
})

/** A client that is subscribed to a private channel. */
async function subscriber() {
  const pusher = new Pusher(soketi.key, {
    ...socketOptions(soketi.url),
    ...authorizedBy(({ socket_id, channel_name }) =>
      channel_name
        ? soketi.api.authorizeChannel(socket_id, channel_name)
        : soketi.api.authenticateUser(socket_id, { id: 'ada' }),
    ),
  })
  open.push(pusher)
  await new Promise((resolve) =>
    pusher.subscribe(`private-conversation-${randomUUID()}`).bind('pusher:subscription_succeeded', resolve),
  )
  closeAtOnce(pusher)
  return pusher
}

const closed = (pusher: Pusher) =>
  new Promise<void>((resolve) => pusher.connection.bind('disconnected', () => resolve()))

test('a socket that subscribed but never signed in is closed, and does not reconnect', async () => {
  await closed(await subscriber())
})

test('a socket that signed in stays open', async () => {
  const pusher = await subscriber()
  pusher.signin()
  // A later socket that does not sign in shows when the time-out has passed.
  await closed(await subscriber())
  assert.equal(pusher.connection.state, 'connected')
})

test('at the end of its life a socket is closed, and the client reconnects and signs in at once', async () => {
  const pusher = await subscriber()
  pusher.signin()
  const began = Date.now()
  const { socket_id } = pusher.connection
  await new Promise((resolve) =>
    pusher.bind('pusher:signin_success', () => pusher.connection.socket_id !== socket_id && resolve(true)),
  )
  const lived = Date.now() - began
  assert.ok(lived > lifeSeconds * 900 && lived < lifeSeconds * 1000 + 1500, `after ${lived} ms`)
})

test('the close code of an old socket tells clients to reconnect at once', async () => {
  const socket = await soketi.open()
  await soketi.signIn(socket, 'ada')
  await sleep(lifeSeconds * 1000)
  assert.equal(await socket.ended(), 4200)
})

test('an address has a limited number of sockets, and other addresses are not affected', async () => {
  // A client can send the first address itself. The last one is added by the proxy.
  const openFrom = (address: string) => soketi.open({ 'X-Forwarded-For': `192.0.2.1, ${address}` })
  const first = await openFrom('2001:db8::1')
  for (let count = 1; count < 10; count++) await openFrom('2001:db8::1')
  assert.equal(await (await openFrom('2001:db8::2')).ended(), 1006)
  for (const address of ['2001:db8:0:1::1', '203.0.113.7'])
    assert.ok(await (await openFrom(address)).isOpen(), address)
  first.destroy()
  await eventually(async () => !(await openFrom('2001:db8::2')).code)
})

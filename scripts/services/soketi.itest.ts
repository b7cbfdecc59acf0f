import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import PusherServer from 'pusher'
import Pusher from 'pusher-js'
import { authorizedBy, socketOptions } from '@/lib/realtime/pusher-options'
import { eventually } from '@/testing/eventually'
import { RawSocket } from '@/testing/raw-socket'
import { letGo } from '@/testing/sockets'
import type { Parley } from '../parley'
import { startTemporaryParley } from '../temporary'

// Soketi's 30 s and the guard's 24 h, made short.
const patience = 1500
const lifeSeconds = 6
let parley: Parley
let server: PusherServer
const open: Pusher[] = []

before(async () => {
  const env = {
    SOKETI_USER_AUTHENTICATION_TIMEOUT: String(patience),
    SOKETI_SOCKET_SECONDS: String(lifeSeconds),
    SOKETI_SOCKETS_PER_ADDRESS: '10',
    TRUST_PROXY: 'true',
  }
  parley = await startTemporaryParley({ site: 'none', env })
  const { SOKETI_APP_ID, SOKETI_APP_KEY, SOKETI_APP_SECRET, SOKETI_URL } = parley.env
  const [appId = '', key = '', secret = ''] = [SOKETI_APP_ID, SOKETI_APP_KEY, SOKETI_APP_SECRET]
  server = new PusherServer({ appId, key, secret, host: '127.0.0.1', port: new URL(SOKETI_URL ?? '').port })
})

after(async () => {
  for (const pusher of open) pusher.disconnect()
  await parley.stop()
})

/** A socket with a subscription to a private channel. */
async function subscriber() {
  const pusher = new Pusher(parley.env.SOKETI_APP_KEY ?? '', {
    ...socketOptions(parley.env.SOKETI_URL ?? ''),
    ...authorizedBy(({ socket_id, channel_name }) =>
      channel_name
        ? server.authorizeChannel(socket_id, channel_name)
        : server.authenticateUser(socket_id, { id: 'ada' }),
    ),
  })
  open.push(pusher)
  await new Promise((resolve) =>
    pusher.subscribe(`private-conversation-${randomUUID()}`).bind('pusher:subscription_succeeded', resolve),
  )
  letGo(pusher)
  return pusher
}

const closed = (pusher: Pusher) =>
  new Promise<void>((resolve) => pusher.connection.bind('disconnected', () => resolve()))

test('a socket that subscribed but never signed in is closed for good', async () => {
  await closed(await subscriber())
})

test('a socket that signed in stays', async () => {
  const pusher = await subscriber()
  pusher.signin()
  // Another, opened later, that does not sign in is the clock.
  await closed(await subscriber())
  assert.equal(pusher.connection.state, 'connected')
})

test('a socket ends when it is old, and comes back at once, signed in', async () => {
  const pusher = await subscriber()
  pusher.signin()
  const began = Date.now()
  const { socket_id } = pusher.connection
  const signedInAgain = new Promise((resolve) =>
    pusher.bind('pusher:signin_success', () => pusher.connection.socket_id !== socket_id && resolve(true)),
  )
  assert.ok(await signedInAgain)
  const lived = Date.now() - began
  assert.ok(lived > lifeSeconds * 900 && lived < lifeSeconds * 1000 + 1500, `after ${lived} ms`)
})

test('the end of an old socket tells clients to come back at once', async () => {
  const socket = await RawSocket.open(parley.env.SOKETI_URL ?? '', parley.env.SOKETI_APP_KEY ?? '')
  socket.send({ event: 'pusher:signin', data: server.authenticateUser(socket.id, { id: 'ada' }) })
  await new Promise((resolve) => setTimeout(resolve, lifeSeconds * 1000))
  assert.equal(await socket.ended(), 4200)
})

test('an address has at most so many sockets, and takes none of those of others', async () => {
  const openFrom = (address: string) =>
    RawSocket.open(parley.env.SOKETI_URL ?? '', parley.env.SOKETI_APP_KEY ?? '', {
      // Anyone can send the first one; the last is the proxy's.
      'X-Forwarded-For': `192.0.2.1, ${address}`,
    })
  const sockets: RawSocket[] = []
  for (let count = 0; count < 10; count++) sockets.push(await openFrom('2001:db8::1'))
  assert.equal(await (await openFrom('2001:db8::2')).ended(), 1006)
  const [other, another] = [await openFrom('2001:db8:0:1::1'), await openFrom('203.0.113.7')]
  assert.ok((await other.isOpen()) && (await another.isOpen()))
  sockets[0]?.destroy()
  await eventually(async () => {
    const again = await openFrom('2001:db8::2')
    sockets.push(again)
    return !again.code
  })
  for (const socket of [...sockets, other, another]) socket.destroy()
})

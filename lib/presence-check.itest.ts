import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { presence } from '@/db/schema'
import { eventually } from '@/testing/eventually'
import { person, type TestPerson } from '@/testing/people'
import { connect } from '@/testing/sockets'
import { getUser } from './accounts'
import { startAttending } from './attendance'
import { isMember } from './memberships'
import { goOffline, noteConnected, noteDisconnected } from './presence'
import { requestList } from './presence-check'
import { attendanceChannel, userChannel } from './realtime/channels'
import { joinRoom } from './rooms'

// The site that runs beside these tests receives Soketi's reports and checks them every 2.5 s.
const patienceMs = 10_000
const becomes = (status: 'online' | 'offline', { id }: TestPerson) =>
  eventually(async () => (await getUser(id)).status === status, patienceMs, 100)

/** Opens a socket that is subscribed to the person's own channel. */
async function listen(who: TestPerson) {
  const socket = await connect(who)
  await socket.subscribe(userChannel(who.id))
  return socket
}

/** Changes with each write of the person's row. */
async function versionOf({ id }: TestPerson) {
  const [row] = await database()
    .select({ version: sql<string>`xmin::text`, until: sql<string>`connected_until::text` })
    .from(presence)
    .where(eq(presence.userId, id))
  return row
}

test('while a socket is open, its person’s row is not written, whatever they request', async () => {
  const ada = await person()
  await listen(ada)
  await eventually(async () => (await versionOf(ada))?.until === 'infinity')
  const before = await versionOf(ada)
  await ada.request('/api/me')
  await sleep(5000)
  await ada.request('/api/me')
  assert.deepEqual(await versionOf(ada), before)
})

test('a report about one of several sockets sets nobody offline', async () => {
  const ada = await person()
  await listen(ada)
  await becomes('online', ada)
  await noteDisconnected([ada.id])
  // By then the report was checked.
  await eventually(async () => (await versionOf(ada))?.until === 'infinity', patienceMs, 100)
  assert.equal((await getUser(ada.id)).status, 'online')
})

test('a person whose socket has only signed in is online until it closes', async () => {
  const ada = await person()
  const socket = await connect(ada)
  await becomes('online', ada)
  await noteDisconnected([ada.id])
  await eventually(async () => (await versionOf(ada))?.until === 'infinity', patienceMs, 100)
  socket.disconnect()
  await becomes('offline', ada)
})

test('the list of all channels corrects what lost reports left wrong', async () => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const room = await joinRoom(ada, { name: `room-${ada.username.slice(-10)}` })
  await joinRoom(bob, room)
  const socket = await listen(ada)
  await socket.subscribe(attendanceChannel(room.id, ada.id))
  await becomes('online', ada)
  await goOffline(ada.id)
  await noteConnected([bob.id])
  await startAttending([{ conversationId: room.id, userId: bob.id }])
  await requestList()
  await Promise.all([
    becomes('online', ada),
    becomes('offline', bob),
    eventually(async () => !(await isMember(bob.id, room.id)), patienceMs, 100),
  ])
  assert.ok(await isMember(ada.id, room.id))
})

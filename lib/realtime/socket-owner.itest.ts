import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inArray, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { sockets } from '@/db/schema'
import { endAllLoginSessions } from '@/lib/login-sessions'
import { assertProblem } from '@/testing/http'
import { people, person, socketId, type TestPerson, withSession } from '@/testing/people'
import { RawSocket } from '@/testing/raw-socket'
import { userChannel } from './channels'
import { forgetSockets } from './sockets'

type Way = 'sign-in' | 'channel'
const ways: Way[] = ['sign-in', 'channel']

const authorize = (who: TestPerson, socket_id: string, way: Way) =>
  who.request('/api/realtime/auth', {
    body: way === 'sign-in' ? { socket_id } : { socket_id, channel_name: userChannel(who.id) },
  })

for (const first of ways)
  for (const second of ways)
    test(`a socket with the ${first} of one login session is refused the ${second} of another`, async () => {
      const [ada, eve] = await people('ada', 'eve')
      assert.ok(ada && eve)
      const id = socketId()
      assert.equal((await authorize(ada, id, first)).status, 200)
      for (const other of [eve, await withSession(ada)])
        assertProblem(await authorize(other, id, second), 403)
      for (const way of ways) assert.equal((await authorize(ada, id, way)).status, 200, 'its own goes on')
    })

test('only one of several login sessions that authorize a socket at the same time gets it', async () => {
  const all = await people('ada', 'bob', 'eve', 'dan')
  const id = socketId()
  const answers = await Promise.all(all.map((one) => authorize(one, id, 'sign-in')))
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 403, 403, 403])
})

test('logging out everywhere closes the socket, and no other login session can take it over', async () => {
  const ada = await person()
  const socket = await RawSocket.open(String(process.env.SOKETI_URL), String(process.env.SOKETI_APP_KEY))
  const { body } = await authorize(ada, socket.id, 'sign-in')
  socket.send({ event: 'pusher:signin', data: body })
  await socket.receives(({ event }) => event === 'pusher:signin_success')
  await endAllLoginSessions(ada)
  assert.equal(await socket.ended(), 4009)
  for (const other of [await withSession(ada), await person('eve')])
    for (const way of ways) assertProblem(await authorize(other, socket.id, way), 403)
})

test('a socket id that is too long is refused', async () => {
  const ada = await person()
  for (const socket_id of [`${'1'.repeat(21)}.1`, `1.${'1'.repeat(21)}`])
    assertProblem(await ada.request('/api/realtime/auth', { body: { socket_id } }), 422, ['socket_id'])
})

test('the owner of a socket is deleted only after the socket has closed', async () => {
  const { loginSessionId } = await person()
  const [young, old] = [socketId(), socketId()]
  await database()
    .insert(sockets)
    .values([
      { id: young, loginSessionId, createdAt: sql`now() - interval '24 hours 50 minutes'` },
      { id: old, loginSessionId, createdAt: sql`now() - interval '25 hours 1 minute'` },
    ])
  await forgetSockets()
  const left = await database()
    .select()
    .from(sockets)
    .where(inArray(sockets.id, [young, old]))
  assert.deepEqual(
    left.map(({ id }) => id),
    [young],
  )
})

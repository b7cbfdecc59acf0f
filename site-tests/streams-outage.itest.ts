import assert from 'node:assert/strict'
import { type IncomingMessage, request as sendRequest } from 'node:http'
import { after, before, test } from 'node:test'
import { sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { listMessages } from '@/lib/history'
import { joinRoom } from '@/lib/rooms'
import type { Parley } from '@/scripts/parley'
import { startTemporaryParley } from '@/scripts/temporary'
import { eventually } from '@/testing/eventually'
import { request } from '@/testing/http'
import { people, sayInRoom, type TestPerson, unique } from '@/testing/people'
import { messagesOf, TestStream } from '@/testing/streams'

// These tests kill services, so they have a Parley of their own.
const lifeSeconds = 10
let parley: Parley
let ada: TestPerson
let bob: TestPerson
let room: { id: string; name: string }

before(async () => {
  const env = { PARLEY_LIMITS: 'off', PARLEY_STREAM_SECONDS: String(lifeSeconds) }
  parley = await startTemporaryParley({ env, say: () => {} })
  Object.assign(process.env, parley.env, { PARLEY_SITE_URL: parley.url })
  ;[ada, bob] = await people('ada', 'bob')
  room = await joinRoom(ada, { name: `room-${unique()}` })
  await joinRoom(bob, room)
})

after(() => parley.stop())

const listen = (after = 0) =>
  TestStream.open(`/api/room/${room.name}?timeout=300&after=${after}`, {
    token: ada.token,
    accept: 'application/x-ndjson',
  })
const send = (body: string) => bob.request(`/api/room/${room.name}`, { body: { body } })
const bodiesOf = (stream: TestStream) => messagesOf(stream).map(({ body }) => body)
const span = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
const sendAndGetSeq = async () =>
  Number((await ada.request(`/api/room/${room.name}`, { body: { body: 'here' } })).body.seq)

const isHealthy = async () =>
  (await request('/api/health')
    .then(({ status }) => status)
    .catch(() => 0)) === 200

test('waiting streams hold no database connection', async () => {
  const streams = await Promise.all(Array.from({ length: 60 }, () => listen()))
  await sayInRoom(bob, room.id, 'to all')
  for (const stream of streams) await stream.shows('to all')
  // The site queries now and then, but soon all connections are idle, and there are never more than two pools.
  await eventually(async () => {
    const rows = await database().execute<{ state: string }>(sql`
      select state from pg_stat_activity
      where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`)
    assert.ok(rows.length <= 20, `${rows.length} connections`)
    return rows.every(({ state }) => state === 'idle')
  })
  for (const stream of streams) stream.close()
})

test('killing Soketi neither loses nor repeats a line of a stream', async () => {
  const from = await sendAndGetSeq()
  const stream = await listen(from)
  const bodies: string[] = []
  const sendMany = async (part: string, count: number) => {
    for (const n of span(1, count)) {
      const body = `${part} ${n}`
      assert.equal((await send(body)).status, 201)
      bodies.push(body)
    }
  }
  await sendMany('before', 5)
  await stream.shows('before 5')
  parley.services.soketi?.kill('SIGKILL')
  await sendMany('meanwhile', 10)
  await stream.shows('meanwhile 10', 8000)
  await eventually(isHealthy, 15_000)
  await sendMany('back', 10)
  await stream.shows('back 10', 8000)
  assert.deepEqual(bodiesOf(stream), bodies)
  assert.deepEqual(
    messagesOf(stream).map(({ seq }) => seq),
    span(from + 1, from + 25),
  )
  assert.ok(!stream.hasEnded)
  stream.close()
})

test('leaving a room while Soketi is down ends the stream', async () => {
  const stream = await listen()
  parley.services.soketi?.kill('SIGKILL')
  assert.equal((await ada.request(`/api/room/${room.name}`, { method: 'DELETE' })).status, 204)
  await stream.ends(8000)
  assert.ok(stream.isComplete)
  await eventually(isHealthy, 15_000)
})

test('killing PostgreSQL neither loses nor repeats a line of a stream', async () => {
  const from = await sendAndGetSeq()
  const stream = await listen(from)
  await send('before')
  await stream.shows('"before"', 8000)
  parley.services.postgres?.kill('SIGKILL')
  await eventually(() => !parley.services.postgres?.isUp, 5000, 5)
  await eventually(isHealthy, 20_000)
  await send('after')
  await stream.shows('"after"')
  assert.deepEqual(bodiesOf(stream), ['before', 'after'])
  stream.close()
})

test('a stream ends after PARLEY_STREAM_SECONDS, whatever timeout it requested', async () => {
  const began = Date.now()
  const stream = await listen()
  await stream.ends((lifeSeconds + 5) * 1000)
  assert.ok(stream.isComplete)
  assert.ok(Date.now() - began > (lifeSeconds - 1) * 1000)
})

test('killing the site ends its streams, and a client that resumes with `after` misses nothing', async () => {
  const from = await sendAndGetSeq()
  const stream = await listen(from)
  await send('before')
  await stream.shows('before')
  parley.services.site?.kill('SIGKILL')
  await stream.ends()
  assert.ok(!stream.isComplete, 'it was cut off')
  // This process sends it, like another instance of the site.
  await sayInRoom(bob, room.id, 'meanwhile')
  await eventually(isHealthy, 20_000)
  const [last] = messagesOf(stream).slice(-1)
  const resumed = await listen(last?.seq)
  await send('after')
  await resumed.shows('"after"')
  assert.deepEqual([...bodiesOf(stream), ...bodiesOf(resumed)], ['before', 'meanwhile', 'after'])
  resumed.close()
})

test('SIGTERM ends open streams properly, and stops the site within a few seconds', async () => {
  const streams = await Promise.all(Array.from({ length: 20 }, () => listen()))
  const began = Date.now()
  parley.services.site?.kill('SIGTERM')
  for (const stream of streams) {
    await stream.ends()
    assert.ok(stream.isComplete)
  }
  await eventually(() => !parley.services.site?.isUp)
  assert.ok(Date.now() - began < 4000)
  await eventually(isHealthy, 20_000)
})

test('SIGTERM lets a request that has begun finish, and its message is stored', async () => {
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { authorization: `Bearer ${bob.token}`, 'content-type': 'text/plain' }
    const sending = sendRequest(`${parley.url}/api/room/${room.name}`, {
      method: 'POST',
      headers,
      agent: false,
    })
    sending.on('response', resolve).on('error', reject)
    sending.write('half, ')
    // By then the site has received the first half.
    setTimeout(() => parley.services.site?.kill('SIGTERM'), 300)
    setTimeout(() => sending.end('and the other half'), 1000)
  })
  const { statusCode } = await response
  assert.equal(statusCode, 201)
  await eventually(() => !parley.services.site?.isUp)
  // Without a stream, ada may have left the room.
  await joinRoom(ada, room)
  const { messages } = await listMessages(ada, room.id, { limit: 1 })
  const [last] = messages
  assert.equal(last?.body, 'half, and the other half')
  await eventually(isHealthy, 20_000)
})

import assert from 'node:assert/strict'
import { type IncomingMessage, request as sendRequest } from 'node:http'
import { after, before, test } from 'node:test'
import { sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { listMessages } from '@/lib/messages'
import { joinRoom } from '@/lib/rooms'
import type { Parley } from '@/scripts/parley'
import { startTemporaryParley } from '@/scripts/temporary'
import { eventually } from '@/testing/eventually'
import { request } from '@/testing/http'
import { people, sayInRoom, type TestPerson, unique } from '@/testing/people'
import { messagesOf, TestStream } from '@/testing/streams'

// Parts of it die here: it is this file's own.
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

const listens = (after = 0) =>
  TestStream.open(`/api/room/${room.name}?timeout=300&after=${after}`, {
    token: ada.token,
    accept: 'application/x-ndjson',
  })
const says = (body: string) => bob.request(`/api/room/${room.name}`, { body: { body } })
const bodiesOf = (stream: TestStream) => messagesOf(stream).map(({ body }) => body)
const span = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
const newest = async () =>
  Number((await ada.request(`/api/room/${room.name}`, { body: { body: 'here' } })).body.seq)

const isWell = async () =>
  (await request('/api/health')
    .then(({ status }) => status)
    .catch(() => 0)) === 200

test('streams that wait hold no connection to the database', async () => {
  const streams = await Promise.all(Array.from({ length: 60 }, () => listens()))
  await sayInRoom(bob, room.id, 'to all')
  for (const stream of streams) await stream.shows('to all')
  // Now and then the site asks something; but all are idle soon, and more than two pools there never are.
  await eventually(async () => {
    const rows = await database().execute<{ state: string }>(sql`
      select state from pg_stat_activity
      where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`)
    assert.ok(rows.length <= 20, `${rows.length} connections`)
    return rows.every(({ state }) => state === 'idle')
  })
  for (const stream of streams) stream.close()
})

test('killing Soketi during a stream loses no line, and doubles none', async () => {
  const from = await newest()
  const stream = await listens(from)
  const bodies: string[] = []
  const speak = async (part: string, count: number) => {
    for (const n of span(1, count)) {
      const body = `${part} ${n}`
      assert.equal((await says(body)).status, 201)
      bodies.push(body)
    }
  }
  await speak('before', 5)
  await stream.shows('before 5')
  parley.services.soketi?.kill('SIGKILL')
  await speak('away', 10)
  await stream.shows('away 10', 8000)
  await eventually(isWell, 15_000)
  await speak('back', 10)
  await stream.shows('back 10', 8000)
  assert.deepEqual(bodiesOf(stream), bodies)
  assert.deepEqual(
    messagesOf(stream).map(({ seq }) => seq),
    span(from + 1, from + 25),
  )
  assert.ok(!stream.hasEnded)
  stream.close()
})

test('who leaves while Soketi is away has no stream left either', async () => {
  const stream = await listens()
  parley.services.soketi?.kill('SIGKILL')
  assert.equal((await ada.request(`/api/room/${room.name}`, { method: 'DELETE' })).status, 204)
  await stream.ends(8000)
  assert.ok(stream.isComplete)
  await eventually(isWell, 15_000)
})

test('killing PostgreSQL during a stream loses no line, and doubles none', async () => {
  const from = await newest()
  const stream = await listens(from)
  await says('before')
  await stream.shows('"before"')
  parley.services.postgres?.kill('SIGKILL')
  await eventually(() => !parley.services.postgres?.isUp, 5000, 5)
  await eventually(isWell, 20_000)
  await says('after')
  await stream.shows('"after"')
  assert.deepEqual(bodiesOf(stream), ['before', 'after'])
  stream.close()
})

test('no stream outlives the setting, whatever it asked for', async () => {
  const began = Date.now()
  const stream = await listens()
  await stream.ends((lifeSeconds + 5) * 1000)
  assert.ok(stream.isComplete)
  assert.ok(Date.now() - began > (lifeSeconds - 1) * 1000)
})

test('killing the site ends its streams; who comes back with `after` misses nothing', async () => {
  const from = await newest()
  const stream = await listens(from)
  await says('before')
  await stream.shows('before')
  parley.services.site?.kill('SIGKILL')
  await stream.ends()
  assert.ok(!stream.isComplete, 'it was cut off')
  // Said by another instance, which this process is one of.
  await sayInRoom(bob, room.id, 'meanwhile')
  await eventually(isWell, 20_000)
  const [last] = messagesOf(stream).slice(-1)
  const again = await listens(last?.seq)
  await says('after')
  await again.shows('"after"')
  assert.deepEqual([...bodiesOf(stream), ...bodiesOf(again)], ['before', 'meanwhile', 'after'])
  again.close()
})

test('SIGTERM ends open streams properly, and the site within a few seconds', async () => {
  const streams = await Promise.all(Array.from({ length: 20 }, () => listens()))
  const began = Date.now()
  parley.services.site?.kill('SIGTERM')
  for (const stream of streams) {
    await stream.ends()
    assert.ok(stream.isComplete)
  }
  await eventually(() => !parley.services.site?.isUp)
  assert.ok(Date.now() - began < 4000)
  await eventually(isWell, 20_000)
})

test('SIGTERM lets a request finish that has begun, and the message is stored', async () => {
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { authorization: `Bearer ${bob.token}`, 'content-type': 'text/plain' }
    const asking = sendRequest(`${parley.url}/api/room/${room.name}`, {
      method: 'POST',
      headers,
      agent: false,
    })
    asking.on('response', resolve).on('error', reject)
    asking.write('half, ')
    // By now the site waits for the rest.
    setTimeout(() => parley.services.site?.kill('SIGTERM'), 300)
    setTimeout(() => asking.end('and the other half'), 1000)
  })
  const { statusCode } = await answer
  assert.equal(statusCode, 201)
  await eventually(() => !parley.services.site?.isUp)
  // She has no stream there any more, and may have left the room.
  await joinRoom(ada, room)
  const [last] = await listMessages(ada, room.id, { limit: 1 })
  assert.equal(last?.body, 'half, and the other half')
  await eventually(isWell, 20_000)
})

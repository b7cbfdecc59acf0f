import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { eventually } from '@/testing/eventually'
import { request } from '@/testing/http'
import {
  account,
  friends,
  password,
  person,
  say,
  type TestPerson,
  testOrigin,
  unique,
} from '@/testing/people'
import { connect } from '@/testing/sockets'
import { TestStream } from '@/testing/streams'
import { getUser } from './accounts'
import type { Refusal } from './errors'
import { listMessages } from './history'
import { findByToken, startLoginSession } from './login-sessions'
import { userChannel } from './realtime/channels'
import { joinRoom } from './rooms'
import { findSuspension, liftSuspension, suspendPerson } from './suspensions'

const reason = 'Sold things in the lobby.'
const moderator = () => person('mod', { siteRole: 'moderator' })
const operator = () => person('op', { siteRole: 'operator' })
const withStatus = (status: number) => (error: Refusal) => error.status === status

const countSessions = async ({ id }: TestPerson) => {
  const [row] = await database().execute<{ count: number }>(
    sql`select count(*)::int from login_sessions where user_id = ${id}`,
  )
  return row?.count
}
const entriesOf = ({ id }: TestPerson) =>
  database().execute<{ action: string; reason: string | null; details: object }>(
    sql`select action, reason, details from audit_log where target_id = ${id} order by at`,
  )

test('a suspended person is signed out, offline and out of all rooms, and reads the reason when logging in', async () => {
  const [mod, ada] = await Promise.all([moderator(), account()])
  const { id: room } = await joinRoom(ada, { name: `room-${unique()}` })
  await suspendPerson(mod, ada.id, { days: '3', reason })
  assert.equal(await findByToken(ada.token), undefined)
  assert.equal((await ada.request('/api/me')).status, 401)
  assert.equal((await getUser(ada.id)).status, 'offline')
  const [left] = await database().execute(sql`select from memberships where conversation_id = ${room}`)
  assert.equal(left, undefined)
  for (const path of ['/api/login', '/api/session']) {
    const wrong = await request(path, { body: { username: ada.username, password: 'not hers' } })
    assert.equal(wrong.status, 401, 'a stranger does not learn of it')
    const { status, body } = await request(path, { body: { username: ada.username, password } })
    assert.equal(status, 403)
    assert.match(body.detail, /^Your account is suspended until \d{4}-.+ UTC\. Reason: Sold things/)
  }
  assert.deepEqual(
    [...(await entriesOf(ada))],
    [{ action: 'suspended', reason, details: { days: 3, erase: false } }],
  )
  await liftSuspension(mod, ada.id)
  await liftSuspension(mod, ada.id)
  assert.equal((await request('/api/login', { body: { username: ada.username, password } })).status, 200)
  assert.deepEqual(
    (await entriesOf(ada)).map(({ action }) => action),
    ['suspended', 'suspension-lifted'],
  )
})

test('a suspension ends by itself, or lasts for good', async () => {
  const [mod, ada] = await Promise.all([moderator(), person()])
  await suspendPerson(mod, ada.id, { days: '', reason })
  const login = () => startLoginSession(ada.id, 'api', testOrigin)
  await assert.rejects(login, /^Refusal: Your account is suspended\. Reason/)
  assert.deepEqual(await findSuspension(mod, ada.id), { until: null, reason })
  await suspendPerson(mod, ada.id, { days: 1, reason })
  await assert.rejects(login, /suspended until/)
  const { until } = (await findSuspension(mod, ada.id)) ?? {}
  assert.equal(Math.round((Date.parse(until ?? '') - Date.now()) / 3_600_000), 24)
  await database().execute(
    sql`update users set suspended_until = suspended_until - interval '1 day' where id = ${ada.id}`,
  )
  assert.equal(await findSuspension(mod, ada.id), undefined)
  await login()
})

test('days and a reason are checked', async () => {
  const [mod, ada] = await Promise.all([moderator(), person()])
  for (const [input, fields] of [
    [{ days: 0, reason }, ['days']],
    [{ days: 366, reason }, ['days']],
    [{ days: '1.5', reason }, ['days']],
    [{ days: 'x', reason: ' ' }, ['days', 'reason']],
    [{ reason: 'x'.repeat(501) }, ['reason']],
    [{ reason, erase: 'maybe' }, ['erase']],
  ] as const)
    await assert.rejects(suspendPerson(mod, ada.id, input), ({ status, errors }: Refusal) => {
      assert.deepEqual(Object.keys(errors ?? {}), fields)
      return status === 422
    })
  assert.equal(await countSessions(ada), 1)
})

test('only moderators and operators suspend, and moderators neither operators nor each other', async () => {
  const [mod, other, op, op2, ada, bob] = await Promise.all([
    moderator(),
    moderator(),
    operator(),
    operator(),
    person(),
    person('bob'),
  ])
  const cases: [by: TestPerson, whom: string, status: number][] = [
    [ada, bob.id, 404],
    [mod, mod.id, 403],
    [op, op.id, 403],
    [mod, other.id, 403],
    [mod, op.id, 403],
    [mod, '3f1c2b1e-6a63-4f0e-9d3c-0a1b2c3d4e5f', 404],
    [mod, 'x', 404],
  ]
  for (const [by, whom, status] of cases) {
    await assert.rejects(suspendPerson(by, whom, { reason }), withStatus(status))
    await assert.rejects(liftSuspension(by, whom), withStatus(status))
  }
  for (const whom of [other, op2]) {
    await suspendPerson(op, whom.id, { reason })
    assert.equal(await countSessions(whom), 0)
  }
})

describe('at the same moment', () => {
  test('a login that races with a suspension has no session afterwards', async () => {
    for (let round = 0; round < 10; round++) {
      const [mod, ada] = await Promise.all([moderator(), person()])
      await Promise.allSettled([
        startLoginSession(ada.id, 'api', testOrigin),
        suspendPerson(mod, ada.id, { reason }),
        startLoginSession(ada.id, 'browser', testOrigin),
      ])
      assert.equal(await countSessions(ada), 0)
    }
  })

  test('of two operators who suspend each other, one stays', async () => {
    for (let round = 0; round < 10; round++) {
      const [one, other] = await Promise.all([operator(), operator()])
      const results = await Promise.allSettled([
        suspendPerson(one, other.id, { reason }),
        suspendPerson(other, one.id, { reason }),
      ])
      const refused = results.flatMap((result) => (result.status === 'rejected' ? result.reason : []))
      assert.deepEqual(
        refused.map(({ status }) => status),
        [404],
      )
    }
  })
})

test('what a person said in rooms in the last 24 hours is deleted with them, and nothing else', async () => {
  const [mod, { ada, bob, id }] = await Promise.all([moderator(), friends()])
  const room = await joinRoom(ada, { name: `room-${unique()}` })
  await joinRoom(bob, room)
  for (const body of ['old', 'new', 'newer']) await say(ada, room.id, body)
  await say(bob, room.id, 'another person')
  await say(ada, id, 'in private')
  await database().execute(
    sql`update messages set created_at = now() - interval '25 hours' where conversation_id = ${room.id} and seq = 1`,
  )
  await suspendPerson(mod, ada.id, { reason, erase: 'true' })
  await joinRoom(bob, room)
  const bodies = async (id: string) => (await listMessages(bob, id)).messages.map(({ body }) => body)
  await eventually(async () => (await bodies(room.id)).join() === 'old,,,another person')
  assert.deepEqual(await bodies(id), ['in private'])
})

test('the sockets and streams of a suspended person close', async () => {
  const [mod, { ada, id }] = await Promise.all([moderator(), friends()])
  const socket = await connect(ada)
  await socket.subscribe(userChannel(ada.id))
  const room = await joinRoom(ada, { name: `room-${unique()}` })
  const streams = await Promise.all(
    [`/api/room/${room.name}`, `/api/conversations/${id}/stream`].map((path) =>
      TestStream.open(path, { token: ada.token }),
    ),
  )
  await suspendPerson(mod, ada.id, { reason })
  await Promise.all([socket.closes(), ...streams.map((stream) => eventually(() => stream.hasEnded))])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { account, password, person, type TestPerson, testOrigin, withSession } from '@/testing/people'
import { changePassword, logIn } from './accounts'
import { endLoginSession, endOtherLoginSessions, startLoginSession } from './login-sessions'
import { forgetSecurityEvents, listSecurityEvents, recordSecurityEvent } from './security-events'

const shown = async (user: TestPerson) =>
  (await listSecurityEvents(user)).map(({ kind, count, address, userAgent }) => [
    kind,
    count,
    address,
    userAgent,
  ])
const { address, userAgent } = testOrigin

test('logins, wrong passwords, a changed password and ended login sessions are listed, the latest first', async () => {
  const ada = await account()
  const attempt = { username: ada.username, password: 'not hers' }
  await assert.rejects(logIn(attempt, testOrigin))
  const other = await startLoginSession(ada.id, 'browser', { address: '203.0.113.7', userAgent: 'Firefox' })
  await changePassword(ada, { currentPassword: password, newPassword: 'another horse' })
  await endLoginSession(ada, ada.loginSessionId)
  assert.deepEqual(await shown(ada), [
    ['login-sessions-ended', 1, address, userAgent],
    ['login-sessions-ended', 1, address, userAgent],
    ['password-changed', 1, address, userAgent],
    ['login', 1, '203.0.113.7', 'Firefox'],
    ['wrong-password', 1, address, userAgent],
    ['login', 1, address, userAgent],
  ])
  assert.ok(other.id)
})

test('the number of login sessions that ended together is kept', async () => {
  const ada = await person()
  await Promise.all([withSession(ada), withSession(ada)])
  await endOtherLoginSessions(ada)
  assert.deepEqual((await shown(ada))[0], ['login-sessions-ended', 2, address, userAgent])
})

test('wrong passwords from one address within an hour share one row', async () => {
  const ada = await person()
  const attempt = (address: string) => recordSecurityEvent(ada.id, 'wrong-password', { address })
  for (let turn = 0; turn < 5; turn++) await attempt('203.0.113.7')
  await attempt('203.0.113.8')
  assert.deepEqual((await shown(ada)).slice(0, 2), [
    ['wrong-password', 1, '203.0.113.8', null],
    ['wrong-password', 5, '203.0.113.7', null],
  ])
  await database().execute(
    sql`update security_events set at = at - interval '61 minutes' where user_id = ${ada.id}`,
  )
  await attempt('203.0.113.7')
  assert.deepEqual((await shown(ada))[0], ['wrong-password', 1, '203.0.113.7', null])
})

test('at most 50 events of the last 90 days are listed, and only the own ones', async () => {
  const [ada, bob] = await Promise.all([person(), person('bob')])
  await database().execute(sql`insert into security_events (user_id, kind, at)
    select ${ada.id}, 'login', now() - number * interval '1 second' from generate_series(1, 60) as number`)
  assert.equal((await listSecurityEvents(ada)).length, 50)
  assert.equal((await listSecurityEvents(bob)).length, 1)
  await database().execute(
    sql`update security_events set at = at - interval '91 days' where user_id = ${ada.id}`,
  )
  assert.deepEqual(await listSecurityEvents(ada), [])
  await forgetSecurityEvents()
  const [left] = await database().execute<{ count: number }>(
    sql`select count(*)::int from security_events where user_id in (${ada.id}, ${bob.id})`,
  )
  assert.equal(left?.count, 1)
})

test('a login does not fail if its event cannot be stored', async () => {
  await recordSecurityEvent('3f1c2b1e-6a63-4f0e-9d3c-0a1b2c3d4e5f', 'login', { address: null })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { users } from '@/db/schema'
import { onlinePerson, person, testOrigin, unique, withSession } from '@/testing/people'
import { changePassword, getUser, logIn, register, updateProfile } from './accounts'
import { Refusal } from './errors'
import {
  endAllLoginSessions,
  endLoginSession,
  findByLoginSession,
  findByToken,
  listLoginSessions,
  redeemToken,
  startLoginSession,
} from './login-sessions'

const password = 'correct horse'

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => assert.fail('it was not refused'),
    (error: unknown) => {
      if (error instanceof Refusal) return error
      throw error
    },
  )

async function account(name = 'ada') {
  const user = await register({ username: `${name}-${unique()}`, password }, testOrigin)
  return withSession({ ...user, firstName: null, lastName: null, gender: 0, isGuest: false })
}

test('registering a username in several cases at the same time creates one account', async () => {
  for (let round = 0; round < 3; round++) {
    const name = `Ada-${unique()}`
    const spellings = [name, name.toLowerCase(), name.toUpperCase(), `a${name.slice(1).toUpperCase()}`]
    const answers = await Promise.allSettled(
      spellings.map((username) => register({ username, password }, testOrigin)),
    )
    assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const answer of answers)
      if (answer.status === 'rejected') {
        assert.ok(answer.reason instanceof Refusal, String(answer.reason))
        assert.equal(answer.reason.status, 409)
        assert.deepEqual(Object.keys(answer.reason.errors ?? {}), ['username'])
      }
    assert.equal(await database().$count(users, eq(users.usernameKey, name.toLowerCase())), 1)
  }
})

test('a password is stored as a bcrypt hash of cost 12', async () => {
  const ada = await account()
  const [row] = await database().select().from(users).where(eq(users.id, ada.id))
  assert.match(row?.passwordHash ?? '', /^\$2b\$12\$/)
})

test('every byte of a password counts, and what is longer than bcrypt reads is refused', async () => {
  const username = `long-${unique()}`
  const longest = 'é'.repeat(36)
  const { id } = await register({ username, password: longest }, testOrigin)
  assert.equal((await logIn({ username, password: longest }, testOrigin)).id, id)
  for (const wrong of [`${longest}x`, longest.slice(1), `${longest.slice(1)}e`])
    assert.equal((await refusal(logIn({ username, password: wrong }, testOrigin))).status, 401)
})

test('changing the password ends the other login sessions, and the old password no longer works', async () => {
  const ada = await account()
  const other = await withSession(ada)
  const wrong = await refusal(
    changePassword(ada, { currentPassword: 'wrong', newPassword: 'a new password' }),
  )
  assert.deepEqual([wrong.status, Object.keys(wrong.errors ?? {})], [422, ['currentPassword']])
  assert.ok(await findByToken(other.token), 'a refused change ends nothing')
  await changePassword(ada, { currentPassword: password, newPassword: 'a new password' })
  assert.ok(await findByToken(ada.token))
  assert.equal(await findByToken(other.token), undefined)
  assert.equal((await refusal(logIn({ username: ada.username, password }, testOrigin))).status, 401)
  assert.equal((await logIn({ username: ada.username, password: 'a new password' }, testOrigin)).id, ada.id)
})

test('a new password must follow the rules', async () => {
  const ada = await account()
  for (const newPassword of ['short', 'x'.repeat(73), undefined, 5, 'nul\0nul\0'])
    assert.deepEqual(
      Object.keys(
        (await refusal(changePassword(ada, { currentPassword: password, newPassword }))).errors ?? {},
      ),
      ['newPassword'],
    )
  assert.equal((await logIn({ username: ada.username, password }, testOrigin)).id, ada.id)
})

test('changing the profile changes the name that others see', async () => {
  const ada = await person()
  await updateProfile(ada, { firstName: 'Ada', lastName: 'Lovelace', gender: '2' })
  assert.equal((await findByToken(ada.token))?.name, 'Ada Lovelace')
  await updateProfile(ada, { firstName: '', lastName: ' ', gender: '0' })
  assert.equal((await findByToken(ada.token))?.name, ada.username)
  const refused = await refusal(updateProfile(ada, { firstName: 'a\nb', gender: 'x' }))
  assert.deepEqual(Object.keys(refused.errors ?? {}).sort(), ['firstName', 'gender'])
})

test('login sessions are listed with the current one marked, and can be ended one by one', async () => {
  const ada = await person()
  const other = await withSession(ada)
  const list = await listLoginSessions(ada)
  assert.deepEqual(list.map(({ id }) => id).sort(), [ada.loginSessionId, other.loginSessionId].sort())
  assert.deepEqual(
    list.filter(({ isCurrent }) => isCurrent).map(({ id }) => id),
    [ada.loginSessionId],
  )
  await endLoginSession(ada, other.loginSessionId)
  assert.equal(await findByToken(other.token), undefined)
  assert.ok(await findByToken(ada.token))
})

test('nobody can end another person’s login session', async () => {
  const [ada, eve] = [await person('ada'), await person('eve')]
  for (const id of [ada.loginSessionId, 'x', '', '\0'])
    assert.equal((await refusal(endLoginSession(eve, id))).status, 404)
  assert.ok(await findByToken(ada.token))
})

test('logging out everywhere ends every login session of that person only', async () => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const other = await withSession(ada)
  await endAllLoginSessions(ada)
  for (const { token } of [ada, other]) assert.equal(await findByToken(token), undefined)
  assert.ok(await findByToken(bob.token))
})

test('a login session unused for a month has ended', async () => {
  const ada = await person()
  const age = (interval: string) =>
    database().execute(
      sql`update login_sessions set last_seen_at = now() - ${interval}::interval where id = ${ada.loginSessionId}`,
    )
  await age('29 days')
  assert.ok(await findByToken(ada.token), 'one used within it has not')
  await age('31 days')
  assert.equal(await findByToken(ada.token), undefined)
  assert.deepEqual(await listLoginSessions(ada), [])
})

test('login sessions are listed with the one last used first', async () => {
  const ada = await person()
  const used = await withSession(ada)
  const order = async () => (await listLoginSessions(ada)).map(({ id }) => id)
  for (const latest of [ada, used]) {
    await database().execute(
      sql`update login_sessions set last_seen_at = now() where id = ${latest.loginSessionId}`,
    )
    assert.equal((await order())[0], latest.loginSessionId)
  }
})

test('a person stays online when one of two login sessions ends', async () => {
  const ada = await onlinePerson()
  const other = await withSession(ada)
  await endLoginSession(ada, other.loginSessionId)
  assert.equal((await getUser(ada.id)).status, 'online')
  await endLoginSession(ada, ada.loginSessionId)
  assert.equal((await getUser(ada.id)).status, 'offline')
})

test("a browser's token can be redeemed once, and is not accepted as a bearer token", async () => {
  const ada = await person()
  const { id, token } = await startLoginSession(ada.id, 'browser', testOrigin)
  assert.equal(await findByToken(token), undefined)
  assert.equal(await redeemToken(ada.token), undefined, 'a token of the API')
  assert.deepEqual(await redeemToken(token), { id, userId: ada.id })
  assert.equal(await redeemToken(token), undefined)
  assert.equal((await findByLoginSession(id))?.id, ada.id)
})

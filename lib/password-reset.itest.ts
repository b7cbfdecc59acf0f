import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { and, eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { auditLog, users } from '@/db/schema'
import { switchToOwnDatabase } from '@/testing/databases'
import { account, password, person, testOrigin, withSession } from '@/testing/people'
import { refusedWith } from '@/testing/refusals'
import { logIn } from './accounts'
import { findByToken, startLoginSession } from './login-sessions'
import { dismissResetNotice, findReset, makeResetLink, resetPassword } from './password-reset'

before(switchToOwnDatabase)

const newPassword = 'a better one'
const operator = () => person('oda', { siteRole: 'operator' })

test('a reset link sets a new password once, and ends every login session of the person', async () => {
  const [oda, ada] = [await operator(), await account()]
  const other = await withSession(ada)
  const token = await makeResetLink(oda, ada.id)
  assert.deepEqual(await findReset(token), { id: ada.id, username: ada.username })
  const resets = await Promise.allSettled(
    [1, 2, 3].map(() => resetPassword(token, { newPassword }, testOrigin)),
  )
  assert.equal(resets.filter(({ status }) => status === 'fulfilled').length, 1)
  for (const one of resets) if (one.status === 'rejected') assert.ok(refusedWith(410)(one.reason), one.reason)
  for (const { token } of [ada, other]) assert.equal(await findByToken(token), undefined)
  const { username } = ada
  await assert.rejects(logIn({ username, password }, testOrigin), refusedWith(401))
  assert.equal((await logIn({ username, password: newPassword }, testOrigin)).id, ada.id)
  assert.equal(await findReset(token), undefined)
})

test('a newer link ends an older one, and a refused password uses nothing up', async () => {
  const [oda, ada] = [await operator(), await account()]
  const [older, newer] = [await makeResetLink(oda, ada.id), await makeResetLink(null, ada.id)]
  await assert.rejects(resetPassword(older, { newPassword }, testOrigin), refusedWith(410))
  for (const faulty of ['short', '12345678', ada.username.toUpperCase(), undefined])
    await assert.rejects(resetPassword(newer, { newPassword: faulty }, testOrigin), refusedWith(422))
  await resetPassword(newer, { newPassword }, testOrigin)
})

test('a link that is being replaced while it is used never blocks, and leaves at most one password', async () => {
  const [oda, ada] = [await operator(), await account()]
  for (let round = 0; round < 3; round++) {
    const token = await makeResetLink(oda, ada.id)
    const [reset, made] = await Promise.allSettled([
      resetPassword(token, { newPassword }, testOrigin),
      makeResetLink(oda, ada.id),
    ])
    assert.equal(made.status, 'fulfilled')
    if (reset.status === 'rejected') assert.ok(refusedWith(410)(reset.reason), reset.reason)
  }
})

test('only operators make reset links, never for guests, and each is in the log without its token', async () => {
  const [oda, ada] = [await operator(), await account()]
  const others = [await person(), await person('mod', { siteRole: 'moderator' })]
  for (const one of others) await assert.rejects(makeResetLink(one, ada.id), refusedWith(404))
  await assert.rejects(makeResetLink(oda, (await person('gus', { isGuest: true })).id), refusedWith(409))
  for (const id of ['x', others[0]?.loginSessionId ?? ''])
    await assert.rejects(makeResetLink(oda, id), refusedWith(404))
  const token = await makeResetLink(oda, ada.id)
  const entries = await database()
    .select()
    .from(auditLog)
    .where(and(eq(auditLog.targetId, ada.id), eq(auditLog.action, 'reset-link-made')))
  assert.deepEqual(
    entries.map(({ actorId }) => actorId),
    [oda.id],
  )
  assert.ok(!JSON.stringify(entries).includes(token.slice(0, 10)))
})

test('the person finds out at the next login, until they have read it', async () => {
  const ada = await account()
  await makeResetLink(await operator(), ada.id)
  const { token } = await startLoginSession(ada.id, 'api', testOrigin)
  const found = await findByToken(token)
  assert.ok(found?.resetLinkMadeAt)
  await dismissResetNotice(found)
  assert.equal((await findByToken(token))?.resetLinkMadeAt, null)
})

test('the link of a person who was deleted meanwhile cannot be used', async () => {
  const ada = await account()
  const token = await makeResetLink(null, ada.id)
  await database().update(users).set({ removedAt: sql`now()` }).where(eq(users.id, ada.id))
  assert.equal(await findReset(token), undefined)
  await assert.rejects(resetPassword(token, { newPassword }, testOrigin), refusedWith(410))
})

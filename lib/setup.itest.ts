import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { count, eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { auditLog, oneTimeLinks, users } from '@/db/schema'
import { switchToOwnDatabase } from '@/testing/databases'
import { password, person, testOrigin, unique } from '@/testing/people'
import { refusedWith } from '@/testing/refusals'
import { isSetupKey, makeSetupKey, setUp } from './setup'
import { readSettings } from './site-settings'

before(switchToOwnDatabase)

const settings = { siteName: 'Tea', registration: 'closed', guests: 'off' }
const account = () => ({ username: `ada-${unique()}`, password, firstName: '', lastName: '', gender: '0' })

async function find(username: string) {
  const [row] = await database().select().from(users).where(eq(users.username, username))
  return row
}

test('the key of a setup link makes a new account an operator and saves the settings, once', async () => {
  const [key, fields] = [await makeSetupKey(), account()]
  const id = await setUp(undefined, { ...fields, ...settings, key }, testOrigin)
  assert.deepEqual([(await find(fields.username))?.id, (await find(fields.username))?.role], [id, 'operator'])
  const saved = await readSettings()
  assert.deepEqual([saved.siteName, saved.registration, saved.guests], ['Tea', 'closed', false])
  const entries = await database().select().from(auditLog).orderBy(auditLog.at)
  assert.deepEqual(entries.map(({ action }) => action).sort(), [
    'role-changed',
    'set-up',
    'setting-changed',
    'setting-changed',
    'setting-changed',
    'setup-link-made',
  ])
  assert.deepEqual(
    entries.map(({ actorId }) => actorId).filter((actor) => actor !== id),
    [null],
  )
  await assert.rejects(setUp(undefined, { ...account(), ...settings, key }, testOrigin), refusedWith(410))
})

test('a signed-in person keeps the account', async () => {
  const ada = await person()
  assert.equal(await setUp(ada, { ...settings, key: await makeSetupKey() }, testOrigin), ada.id)
  assert.equal((await find(ada.username))?.role, 'operator')
})

test('what is refused uses nothing up and creates nothing', async () => {
  const key = await makeSetupKey()
  const [taken, guest] = [await person(), await person('gus', { isGuest: true })]
  const before = await database().select({ people: count() }).from(users)
  const faulty = [
    [422, { ...account(), ...settings, siteName: ' ' }],
    [422, { ...account(), ...settings, siteName: 'x'.repeat(41) }],
    [422, { ...account(), ...settings, siteName: 'a\u202eb' }],
    [422, { ...account(), ...settings, registration: 'maybe' }],
    [422, { ...account(), ...settings, password: 'short' }],
    [409, { ...account(), ...settings, username: taken.username }],
    [401, settings],
  ] as const
  for (const [status, fields] of faulty)
    await assert.rejects(setUp(undefined, { ...fields, key }, testOrigin), refusedWith(status))
  await assert.rejects(setUp(guest, { ...settings, key }, testOrigin), refusedWith(409))
  assert.deepEqual(await database().select({ people: count() }).from(users), before)
  assert.equal(await isSetupKey(key), true)
})

test('of several people with one key at the same moment, one becomes operator, and only that account exists', async () => {
  const key = await makeSetupKey()
  const names = Array.from({ length: 4 }, account)
  const results = await Promise.allSettled(
    names.map((fields) => setUp(undefined, { ...fields, ...settings, key }, testOrigin)),
  )
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  const found = await Promise.all(names.map(({ username }) => find(username)))
  assert.deepEqual(
    found.filter((one) => one).map((one) => one?.role),
    ['operator'],
  )
})

test('a key that cannot be used is refused before the password is hashed', async () => {
  const key = await makeSetupKey()
  await database().update(oneTimeLinks).set({ expiresAt: sql`now()` })
  const began = process.cpuUsage()
  for (const wrong of [key, 'x', ''])
    await assert.rejects(
      setUp(undefined, { ...account(), ...settings, key: wrong }, testOrigin),
      refusedWith(410),
    )
  const { user } = process.cpuUsage(began)
  assert.ok(user < 300_000, `${user} µs of processor time; three hashes take 900,000`)
})

import assert from 'node:assert/strict'
import { afterEach, before, test } from 'node:test'
import { eq, like } from 'drizzle-orm'
import { database } from '@/db/connection'
import { siteSettings, users } from '@/db/schema'
import { switchToOwnDatabase } from '@/testing/databases'
import { account, password, person, type TestPerson, testOrigin, unique } from '@/testing/people'
import { refusedWith } from '@/testing/refusals'
import { changePassword, register } from './accounts'
import { createGuest, startSession } from './guests'
import { findByToken } from './login-sessions'
import type { SiteSettings } from './site-settings'

before(switchToOwnDatabase)
afterEach(() => change({ registration: 'open', guests: true, roomMakers: 'everyone' }))

const change = (settings: Partial<SiteSettings>) => database().update(siteSettings).set(settings)
const newName = () => `new-${unique()}`

for (const registration of ['link', 'closed'] as const)
  test(`where registration is ${registration}, nobody gets an account, and no password is hashed`, async () => {
    await change({ registration })
    const [username, gus] = [newName(), await person('gus', { isGuest: true })]
    const began = process.cpuUsage()
    for (const attempt of [
      () => register({ username, password }, testOrigin),
      () => startSession({ username, password }, testOrigin),
      () => changePassword(gus, { newPassword: password }),
    ])
      await assert.rejects(attempt, refusedWith(403))
    assert.ok(process.cpuUsage(began).user < 150_000, 'a hash takes 300,000 µs')
    assert.equal(await database().$count(users, eq(users.username, username)), 0)
  })

test('where registration is closed, people still log in and guests still come', async () => {
  await change({ registration: 'closed' })
  const ada = await account()
  assert.equal((await startSession({ username: ada.username, password }, testOrigin)).id, ada.id)
  await assert.rejects(
    startSession({ username: ada.username, password: 'wrong' }, testOrigin),
    refusedWith(401),
  )
  assert.ok(await startSession({}, testOrigin))
  assert.ok(await startSession({ username: newName() }, testOrigin))
})

test('where guests are off, nobody becomes a guest, but accounts are made', async () => {
  await change({ guests: false })
  const ada = await account()
  for (const attempt of [{}, { username: newName() }]) {
    await assert.rejects(createGuest(attempt, testOrigin), refusedWith(403))
    await assert.rejects(startSession(attempt, testOrigin), refusedWith(403))
  }
  await assert.rejects(startSession({ username: ada.username }, testOrigin), refusedWith(401))
  const gus = await person('gus', { isGuest: true })
  await changePassword(gus, { newPassword: password })
  assert.ok(await startSession({ username: newName(), password }, testOrigin))
})

test('once registration is closed, no account is stored any more, nor a guest once guests are off', async () => {
  const prefix = newName()
  const count = () => database().$count(users, like(users.username, `${prefix}%`))
  const attempts = Array.from({ length: 8 }, (_, index) => [
    register({ username: `${prefix}-${index}`, password }, testOrigin),
    createGuest({ username: `${prefix}-g${index}` }, testOrigin),
  ]).flat()
  const settled = Promise.allSettled(attempts)
  await Promise.race(attempts)
  await change({ registration: 'closed', guests: false })
  const stored = await count()
  for (const one of await settled) if (one.status === 'rejected') assert.ok(refusedWith(403)(one.reason))
  assert.equal(await count(), stored)
})

test('the setting decides who may create rooms, and operators always may', async () => {
  const everyone = {
    gus: await person('gus', { isGuest: true }),
    ada: await person(),
    oda: await person('oda', { siteRole: 'operator' }),
  }
  const mayMakeRooms = async ({ token }: TestPerson) => (await findByToken(token))?.mayMakeRooms
  for (const [roomMakers, makers] of [
    ['everyone', ['gus', 'ada', 'oda']],
    ['accounts', ['ada', 'oda']],
    ['operators', ['oda']],
  ] as const) {
    await change({ roomMakers })
    for (const [name, one] of Object.entries(everyone))
      assert.equal(
        await mayMakeRooms(one),
        makers.some((maker) => maker === name),
        `${name}: ${roomMakers}`,
      )
  }
})

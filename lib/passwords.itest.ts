import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { database } from '@/db/connection'
import { siteSettings } from '@/db/schema'
import { switchToOwnDatabase } from '@/testing/databases'
import { account, password, person, testOrigin, unique } from '@/testing/people'
import { changePassword, logIn, register } from './accounts'
import { Refusal } from './errors'
import { startSession } from './guests'

before(switchToOwnDatabase)

const refusedIn = (field: string) => (error: unknown) =>
  error instanceof Refusal && error.status === 422 && Object.keys(error.errors ?? {}).join() === field

test('a password that is easily guessed is refused wherever a new one is set, and creates nothing', async () => {
  await database().update(siteSettings).set({ siteName: 'The Book Club' })
  const username = `ada-${unique()}`
  const [ada, gus] = [await account(), await person('gus', { isGuest: true })]
  const guessed = (own: string) => ['12345678', 'Password', 'TRUSTNO1', own.toUpperCase(), 'the book club']
  for (const guess of guessed(username)) {
    await assert.rejects(register({ username, password: guess }, testOrigin), refusedIn('password'))
    await assert.rejects(startSession({ username, password: guess }, testOrigin), refusedIn('password'))
  }
  for (const newPassword of guessed(gus.username))
    await assert.rejects(changePassword(gus, { newPassword }), refusedIn('newPassword'))
  for (const newPassword of guessed(ada.username))
    await assert.rejects(
      changePassword(ada, { currentPassword: password, newPassword }),
      refusedIn('newPassword'),
    )
  assert.ok(await register({ username, password: 'the book clubs' }, testOrigin))
})

test('an old password still works, however easily it is guessed', async () => {
  const ada = await account('old', '12345678')
  assert.equal((await logIn({ username: ada.username, password: '12345678' }, testOrigin)).id, ada.id)
})

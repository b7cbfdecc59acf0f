import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { loginSessions, presence, users } from '@/db/schema'
import { assertProblem, request } from '@/testing/http'
import { account, onlinePerson, person, say, type TestPerson, testOrigin, unique } from '@/testing/people'
import { refusedWith } from '@/testing/refusals'
import { changePassword } from './accounts'
import { enterRoom } from './attendance'
import type { Refusal } from './errors'
import { createGuest, removeIdleGuests, startSession } from './guests'
import { listMessages } from './history'
import { invite } from './invitations'
import { searchPeople } from './people'
import { noteRequest, noteSeen } from './presence'
import { joinRoom } from './rooms'

const password = 'correct horse'
const guest = (name = 'gus') => onlinePerson(name, { isGuest: true })
/**
 * Makes the guest appear to have come, and been last seen, so long ago.
 * @param act runs before the guest appears to have come long ago, because tests of other files remove idle guests too
 */
async function setBack(who: TestPerson, interval = '25 hours', act = async () => {}) {
  const then = sql`now() - ${interval}::interval`
  await database().update(loginSessions).set({ lastSeenAt: then }).where(eq(loginSessions.userId, who.id))
  await database()
    .update(presence)
    .set({ lastRequestAt: then, connectedUntil: then })
    .where(eq(presence.userId, who.id))
  await act()
  await database().update(users).set({ createdAt: then }).where(eq(users.id, who.id))
}

/** Joins a room and reads its messages. */
async function history(by: TestPerson, room: { id: string }) {
  await enterRoom(by, room.id)
  return (await listMessages(by, room.id)).messages
}

const isRemoved = async ({ id }: { id: string }) => {
  const [row] = await database().select({ removedAt: users.removedAt }).from(users).where(eq(users.id, id))
  assert.ok(row)
  return row.removedAt !== null
}

describe('guests', { concurrency: 4 }, () => {
  test('each anonymous guest gets a different generated username', async () => {
    const guests = await Promise.all(Array.from({ length: 10 }, () => createGuest({}, testOrigin)))
    for (const { username, name } of guests) {
      assert.match(username, /^guest-[a-z\d]{5}$/)
      assert.equal(name, username)
    }
    assert.equal(new Set(guests.map(({ username }) => username)).size, 10)
  })

  test('a chosen username is kept exactly, and refused if it is malformed or taken', async () => {
    const username = `Gus.${unique()}`
    assert.equal((await createGuest({ username }, testOrigin)).username, username)
    for (const taken of [username, username.toLowerCase(), (await person()).username])
      await assert.rejects(createGuest({ username: taken }, testOrigin), refusedWith(409))
    for (const faulty of ['', 'ab', 'a b', 'x'.repeat(33), 'a\u2028b', 7, null])
      await assert.rejects(
        createGuest({ username: faulty }, testOrigin),
        refusedWith(422),
        JSON.stringify(faulty),
      )
  })

  test('only one of many simultaneous guests gets the same username', async () => {
    const name = `gus-${unique()}`
    const wanted = Array.from({ length: 8 }, (_, index) => (index % 2 ? name : name.toUpperCase()))
    const all = await Promise.allSettled(wanted.map((username) => createGuest({ username }, testOrigin)))
    assert.equal(all.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const one of all) if (one.status === 'rejected') assert.ok(refusedWith(409)(one.reason))
  })

  test('a guest’s username is taken, regardless of case', async () => {
    const { username } = await guest()
    for (const name of [username, username.toUpperCase()]) {
      assertProblem(await request('/api/register', { body: { username: name, password } }), 409, ['username'])
      assertProblem(await request('/api/session', { body: { username: name } }), 401)
      assertProblem(await request('/api/session', { body: { username: name, password } }), 401)
      assertProblem(await request('/api/login', { body: { username: name, password } }), 400, ['username'])
    }
  })

  test('a guest cannot invite or be invited, and gets a clear refusal', async () => {
    const [gus, gil, ada] = await Promise.all([guest(), guest('gil'), onlinePerson()])
    const invites = (by: TestPerson, { username }: TestPerson, leave?: boolean) =>
      by.request('/api/invitations', { body: { username, leave } })
    for (const other of [ada, gil, gus]) assertProblem(await invites(gus, other), 403)
    for (const leave of [false, true]) {
      const refused = await invites(ada, gus, leave)
      assertProblem(refused, 403)
      assert.equal(refused.body.detail, `${gus.name} cannot be invited.`)
    }
    const { invitations, conversations } = (await gus.request('/api/me')).body
    assert.deepEqual([invitations, conversations], [{ received: [], sent: [] }, []])
  })

  test('a guest who sets a password becomes an account with the same id, name and history', async () => {
    const [gus, ada] = await Promise.all([guest(), onlinePerson()])
    const room = await joinRoom(gus, { name: `r-${unique()}` })
    const said = await say(gus, room.id, 'as a guest')
    await assert.rejects(changePassword(gus, { newPassword: 'short' }), refusedWith(422))
    await changePassword(gus, { newPassword: password })

    const { status, body } = await request('/api/login', { body: { username: gus.username, password } })
    assert.equal(status, 200)
    assert.deepEqual([body.user.id, body.user.username], [gus.id, gus.username])
    assert.equal((await gus.request('/api/me')).body.user.id, gus.id, 'the guest’s own token goes on')
    assert.deepEqual(await history(ada, room), [said])
    assertProblem(await request('/api/session', { body: { username: gus.username } }), 401)
    const again = await request('/api/session', { body: { username: gus.username, password } })
    assert.equal(again.body.user.id, gus.id)

    // An account can invite and be invited.
    assert.equal((await gus.request('/api/invitations', { body: { username: ada.username } })).status, 201)
    const bob = await onlinePerson('bob')
    assert.equal((await invite(bob, { username: gus.username })).outcome, 'sent')
    await setBack(gus)
    await removeIdleGuests()
    assert.equal(await isRemoved(gus), false)
  })

  test('a guest who became an account needs the current password to change it', async () => {
    const gus = await guest()
    await changePassword(gus, { newPassword: password })
    const now = { ...gus, isGuest: false }
    await assert.rejects(changePassword(now, { newPassword: 'another one' }), refusedWith(422))
  })

  test('an old page of a guest cannot set a second password', async () => {
    const gus = await guest()
    await changePassword(gus, { newPassword: password })
    await changePassword(gus, { newPassword: 'a thief’s own' }).catch(() => {})
    assert.equal((await request('/api/login', { body: { username: gus.username, password } })).status, 200)
  })

  test('a guest idle for a day is removed, and the messages stay under the same name', async () => {
    const [gus, ada] = await Promise.all([guest(), person()])
    const room = await joinRoom(gus, { name: `r-${unique()}` })
    const said = await say(gus, room.id, 'remember me')
    await setBack(gus)
    await removeIdleGuests()

    assert.ok(await isRemoved(gus))
    assert.deepEqual(await history(ada, room), [said])
    for (const path of ['/api/me', '/api/users']) assertProblem(await gus.request(path), 401)
    assertProblem(await gus.request(`/api/room/${room.name}`, { body: { body: 'still here?' } }), 401)
    assert.deepEqual((await searchPeople(ada, { q: gus.username })).users, [])
    await assert.rejects(
      invite(ada, { username: gus.username, leave: true }),
      (error: Refusal) => error.status === 404 && /^No one is called/.test(error.message),
    )

    // The username is free again, for another guest and then for an account.
    const next = await createGuest({ username: gus.username.toUpperCase() }, testOrigin)
    assert.notEqual(next.id, gus.id)
    const found = (await searchPeople(ada, { q: gus.username })).users
    assert.deepEqual(
      found.map(({ id }) => id),
      [next.id],
    )
    assert.deepEqual(await history(ada, room), [said])
    const twice = await guest('gil')
    for (const _ of [1, 2]) {
      await setBack(twice)
      await removeIdleGuests()
    }
    const { status } = await request('/api/register', { body: { username: twice.username, password } })
    assert.equal(status, 200)
  })

  test('an idle guest whose login session has ended is removed too', async () => {
    const gus = await guest()
    await setBack(gus)
    await database().delete(loginSessions).where(eq(loginSessions.userId, gus.id))
    await noteRequest(gus.id)
    await setBack(gus)
    await removeIdleGuests()
    assert.ok(await isRemoved(gus))
  })
})

test('a wrong password is a 401 at every moment while an account turns into a guest and back', async () => {
  const ada = await account()
  const [row] = await database().select().from(users).where(eq(users.id, ada.id))
  let isOver = false
  const turning = (async () => {
    for (let turn = 0; !isOver; turn++)
      await database()
        .update(users)
        .set({ passwordHash: turn % 2 ? row?.passwordHash : null })
        .where(eq(users.id, ada.id))
  })()
  const statuses = new Set<number>()
  for (let round = 0; round < 30; round++) {
    const input = { username: ada.username, password: 'a wrong one' }
    const tries = Array.from({ length: 5 }, () =>
      startSession(input, testOrigin).catch(({ status }) => status),
    )
    for (const status of await Promise.all(tries)) statuses.add(status)
  }
  isOver = true
  await turning
  assert.deepEqual([...statuses], [401])
})

test('a guest and the login sessions are removed together, or not at all', async () => {
  const gus = await guest()
  await setBack(gus)
  // The second statement fails.
  const name = sql.identifier(`keep_${unique()}`)
  await database().execute(sql`create function ${name}() returns trigger language plpgsql as
    ${sql.raw(`'begin raise exception ''not now''; end'`)}`)
  await database().execute(sql`create trigger ${name} before delete on login_sessions for each row
    when (old.user_id = ${sql.raw(`'${gus.id}'`)}) execute function ${name}()`)
  await assert.rejects(removeIdleGuests())
  assert.equal(await isRemoved(gus), false)
  await database().execute(sql`drop function ${name} cascade`)
  await removeIdleGuests()
  assert.ok(await isRemoved(gus))
})

// Outside the concurrent tests, which would remove the people that this test makes look idle.
test('only idle guests are removed', async () => {
  const [anAccount, young, asked, connected, almost] = await Promise.all([
    onlinePerson('acc'),
    guest('young'),
    guest('asked'),
    guest('connected'),
    guest('almost'),
  ])
  const fresh = await createGuest({}, testOrigin)
  await setBack(anAccount)
  await setBack(asked, '25 hours', async () => {
    assert.equal((await asked.request('/api/me')).status, 200)
  })
  await setBack(connected, '25 hours', () => noteSeen([connected.id]))
  await setBack(almost, '23 hours')
  await removeIdleGuests()
  for (const who of [anAccount, young, asked, connected, almost, fresh])
    assert.equal(await isRemoved(who), false, who.username)
})

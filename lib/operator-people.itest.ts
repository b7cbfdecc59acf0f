import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { users } from '@/db/schema'
import { makePeople, person, type TestPerson, unique, unknownId } from '@/testing/people'
import { refusedWith } from '@/testing/refusals'
import { findKnownPerson, listKnownPeople } from './operator-people'

let ada: TestPerson
before(async () => {
  ada = await person('ada', { siteRole: 'operator' })
})

const change = (id: string, values: object) => database().update(users).set(values).where(eq(users.id, id))

test('operators find everyone by part of a name, with role and status', async () => {
  const part = unique()
  const guest = await person(`gus-${part}`, { isGuest: true })
  const moderator = await person('bob', { lastName: part, siteRole: 'moderator' })
  const suspended = await person(`cyd-${part}`)
  await change(suspended.id, { suspendedUntil: sql`'infinity'`, suspensionReason: 'Spam' })
  const removed = await person(`dan-${part}`)
  await change(removed.id, { removedAt: sql`now()` })
  const { users: found } = await listKnownPeople(ada, { q: part })
  const shown = Object.fromEntries(
    found.map(({ id, siteRole, isGuest, isSuspended }) => [id, [siteRole, isGuest, isSuspended]]),
  )
  assert.deepEqual(shown, {
    [guest.id]: ['person', true, false],
    [moderator.id]: ['moderator', false, false],
    [suspended.id]: ['person', false, true],
  })
  const one = await findKnownPerson(ada, suspended.id)
  assert.deepEqual([one.suspendedUntil, one.suspensionReason], [null, 'Spam'])
  assert.ok(Math.abs(Date.parse(one.createdAt) - Date.now()) < 60_000)
  await change(suspended.id, { suspendedUntil: sql`now() + interval '1 day'` })
  const until = (await findKnownPerson(ada, suspended.id)).suspendedUntil
  assert.ok(Math.abs(Date.parse(String(until)) - Date.now() - 86_400_000) < 60_000)
  await assert.rejects(findKnownPerson(ada, removed.id), refusedWith(404))
})

test('people are listed 50 at a time, each once', async () => {
  const made = await makePeople(120)
  const found: string[] = []
  const q = (await findKnownPerson(ada, String(made[0]?.id))).username.replace(/\d+$/, '')
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await listKnownPeople(ada, { q, cursor })
    assert.ok(page.users.length <= 50)
    found.push(...page.users.map(({ id }) => id))
    cursor = page.nextCursor
  }
  assert.deepEqual(found.sort(), made.map(({ id }) => id).sort())
})

test('nobody but an operator finds people in this way', async () => {
  for (const siteRole of ['person', 'moderator'] as const) {
    const other = await person('eve', { siteRole })
    await assert.rejects(listKnownPeople(other, {}), refusedWith(404))
    await assert.rejects(findKnownPerson(other, ada.id), refusedWith(404))
  }
  for (const id of [unknownId, 'x', '\0']) await assert.rejects(findKnownPerson(ada, id), refusedWith(404))
})

import assert from 'node:assert/strict'
import { before, beforeEach, test } from 'node:test'
import { eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { auditLog, users } from '@/db/schema'
import { switchToOwnDatabase } from '@/testing/databases'
import { person, type TestPerson, unknownId } from '@/testing/people'
import { refusedWith } from '@/testing/refusals'
import { hasOperator, type Role, setSiteRole } from './roles'

before(switchToOwnDatabase)

let ada: TestPerson
let bob: TestPerson
beforeEach(async () => {
  await database().update(users).set({ role: 'person' })
  ada = await person('ada', { siteRole: 'operator' })
  bob = await person('bob', { siteRole: 'operator' })
})

async function roleOf({ id }: { id: string }) {
  const [row] = await database().select({ role: users.role }).from(users).where(eq(users.id, id))
  return row?.role
}
const suspend = ({ id }: TestPerson) =>
  database().update(users).set({ suspendedUntil: sql`'infinity'` }).where(eq(users.id, id))
const setRole = (by: TestPerson | null, { id }: { id: string }, role: Role) => setSiteRole(by, id, { role })

test('an operator gives and takes roles, and the log has the old and the new one', async () => {
  const cyd = await person('cyd')
  for (const role of ['moderator', 'operator', 'operator', 'person'] as const) {
    await setRole(ada, cyd, role)
    assert.equal(await roleOf(cyd), role)
  }
  const entries = await database()
    .select({ by: auditLog.actorId, action: auditLog.action, details: auditLog.details })
    .from(auditLog)
    .where(eq(auditLog.targetId, cyd.id))
    .orderBy(auditLog.at)
  const entry = (from: Role, to: Role) => ({ by: ada.id, action: 'role-changed', details: { from, to } })
  assert.deepEqual(entries, [
    entry('person', 'moderator'),
    entry('moderator', 'operator'),
    entry('operator', 'person'),
  ])
})

test('only operators change roles, only of people who exist, and only to a role that exists', async () => {
  const moderator = await person('cyd', { siteRole: 'moderator' })
  const guest = await person('gus', { isGuest: true })
  for (const by of [moderator, guest, await person()])
    await assert.rejects(setRole(by, by, 'operator'), refusedWith(404))
  await assert.rejects(setRole(ada, guest, 'moderator'), refusedWith(409))
  for (const id of [unknownId, 'x', '', '\0'])
    await assert.rejects(setRole(ada, { id }, 'moderator'), refusedWith(404))
  for (const role of ['owner', '', null, undefined])
    await assert.rejects(setSiteRole(ada, bob.id, { role }), refusedWith(422))
  await database().update(users).set({ removedAt: sql`now()` }).where(eq(users.id, bob.id))
  await assert.rejects(setRole(ada, bob, 'person'), refusedWith(404))
})

test('the last operator cannot step down, and a suspended one does not count as another', async () => {
  await suspend(bob)
  await assert.rejects(setRole(ada, ada, 'person'), refusedWith(409))
  await setRole(ada, bob, 'person')
  await assert.rejects(setRole(ada, ada, 'moderator'), refusedWith(409))
  await assert.rejects(setRole(null, ada, 'moderator'), refusedWith(409))
  assert.equal(await roleOf(ada), 'operator')
})

for (const [name, demotions] of [
  ['who take each other’s role away', () => [setRole(ada, bob, 'person'), setRole(bob, ada, 'person')]],
  ['who both step down', () => [setRole(ada, ada, 'person'), setRole(bob, bob, 'moderator')]],
] as const)
  test(`of two operators ${name} at the same moment, one stays`, async () => {
    for (let round = 0; round < 10; round++) {
      const results = await Promise.allSettled(demotions())
      assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
      const refused = results.find((result) => result.status === 'rejected')
      assert.ok([404, 409].includes(refused?.reason.status), String(refused?.reason))
      assert.deepEqual(
        [await roleOf(ada), await roleOf(bob)].filter((role) => role === 'operator'),
        ['operator'],
      )
      await Promise.all([ada, bob].map((one) => setRole(null, one, 'operator')))
    }
  })

test('a site knows whether it has an operator', async () => {
  assert.equal(await hasOperator(), true)
  await database().update(users).set({ role: 'moderator' })
  assert.equal(await hasOperator(), false)
})

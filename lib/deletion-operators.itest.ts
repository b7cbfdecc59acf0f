import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { auditLog, users } from '@/db/schema'
import { switchToOwnDatabase } from '@/testing/databases'
import { account, password, people, person, unknownId } from '@/testing/people'
import { refusedWith } from '@/testing/refusals'
import { getUser } from './accounts'
import { deleteAccount, deletePerson } from './deletion'
import { Refusal } from './errors'

await switchToOwnDatabase()

const input = { messages: 'keep' }
const countOperators = () => database().$count(users, eq(users.role, 'operator'))

test('only operators delete other people, which the log shows', async () => {
  const [ada, bob] = await people('ada', 'bob')
  const operator = await person('operator', { siteRole: 'operator' })
  const moderator = await person('moderator', { siteRole: 'moderator' })
  for (const by of [ada, moderator]) await assert.rejects(deletePerson(by, bob.id, input), refusedWith(404))
  await assert.rejects(deletePerson(operator, unknownId, input), refusedWith(404))
  await deletePerson(operator, bob.id, input)
  await assert.rejects(deletePerson(operator, bob.id, input), refusedWith(404))
  const [entry, ...others] = await database().select().from(auditLog)
  assert.deepEqual(others, [])
  const { actorId, action, targetId, details } = entry ?? {}
  assert.deepEqual(
    [actorId, action, targetId, details],
    [operator.id, 'account-deleted', bob.id, { messages: 'keep' }],
  )
  assert.doesNotMatch(JSON.stringify(entry), new RegExp(bob.username))
})

test('of several operators who delete their accounts at the same time, one stays', async () => {
  const operators = await Promise.all([1, 2, 3].map(() => account('operator')))
  const ids = operators.map(({ id }) => id)
  await database().update(users).set({ role: 'person' })
  await database()
    .update(users)
    .set({ role: 'operator' })
    .where(sql`id = any(${sql.param(ids)}::uuid[])`)
  const outcomes = await Promise.allSettled(
    operators.map((operator) => deleteAccount(operator, { ...input, password })),
  )
  const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? one.reason : []))
  assert.deepEqual(
    refused.map((reason) => reason instanceof Refusal && reason.status),
    [409],
  )
  assert.equal(await countOperators(), 1)
  const names = await Promise.all(ids.map(async (id) => (await getUser(id)).username))
  assert.equal(names.filter((name) => name === 'deleted').length, 2)
})

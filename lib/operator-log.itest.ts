import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { auditLog } from '@/db/schema'
import { switchToOwnDatabase } from '@/testing/databases'
import { person, type TestPerson, unknownId } from '@/testing/people'
import { refusedWith } from '@/testing/refusals'
import { recordAction } from './audit-log'
import { forgetOldActions, listLog } from './operator-log'

let ada: TestPerson
before(async () => {
  await switchToOwnDatabase()
  ada = await person('ada', { siteRole: 'operator' })
})

const isRefused = (error: unknown) => /can only be added to/.test(String((error as Error).cause ?? error))

test('operators see who did what to whom, the latest first', async () => {
  const bob = await person('bob')
  await recordAction(database(), ada, 'suspended', { targetId: bob.id, reason: 'Spam', details: { days: 3 } })
  await recordAction(database(), null, 'setup-link-made')
  const [latest, before] = (await listLog(ada, {})).entries
  assert.deepEqual([latest?.actor, latest?.action, latest?.target], [null, 'setup-link-made', null])
  assert.ok(before)
  const { id: _, at, ...entry } = before
  assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000)
  assert.deepEqual(entry, {
    actor: { id: ada.id, username: ada.username, name: ada.name },
    action: 'suspended',
    target: { id: bob.id, username: bob.username, name: bob.name },
    details: { days: 3 },
    reason: 'Spam',
  })
})

test('pages list each entry once, also those of the same moment', async () => {
  await database().execute(sql`insert into audit_log (action) select 'set-up' from generate_series(1, 120)`)
  const ids: string[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await listLog(ada, { cursor })
    assert.ok(page.entries.length <= 50)
    ids.push(...page.entries.map(({ id }) => id))
    cursor = page.nextCursor
  }
  assert.equal(new Set(ids).size, ids.length)
  assert.equal(ids.length, await database().$count(auditLog))
})

test('the database refuses to change the log, and to delete from it within 400 days', async () => {
  const [entry] = (await listLog(ada, {})).entries
  const which = eq(auditLog.id, String(entry?.id))
  await assert.rejects(database().update(auditLog).set({ reason: 'x' }).where(which), isRefused)
  await assert.rejects(database().delete(auditLog).where(which), isRefused)
  const before = await database().$count(auditLog)
  await database().insert(auditLog).values({ action: 'set-up', at: sql`now() - interval '401 days'` })
  await forgetOldActions()
  assert.equal(await database().$count(auditLog), before)
})

test('only operators see the log, and a malformed cursor is refused', async () => {
  for (const siteRole of ['person', 'moderator'] as const)
    await assert.rejects(listLog(await person('eve', { siteRole }), {}), refusedWith(404))
  for (const cursor of ['x', '', '\0']) await assert.rejects(listLog(ada, { cursor }), refusedWith(422))
  assert.deepEqual(await listLog(ada, { cursor: unknownId }), { entries: [], nextCursor: null })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eq, like, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { knownAddresses, limits } from '@/db/schema'
import { isKnownAddress, noteAddress } from './addresses'
import { forgetLimits, giveBack, spend } from './limits'
import { person } from './testing/people'

process.env.PARLEY_LIMITS = 'on'

test('no count waits for its way to the disk', async () => {
  const [table] = await database().execute<{ kind: string }>(
    sql`select relpersistence as kind from pg_class where oid = 'limits'::regclass`,
  )
  assert.equal(table?.kind, 'u', 'the table is unlogged')
})

test('an allowance that is full again is forgotten, and no other', async () => {
  const [ada, bob] = await Promise.all([person(), person('bob')])
  for (const { id } of [ada, bob]) await spend('makeRoom', { id, address: null })
  await giveBack('makeRoom', { id: ada.id, address: null }, ['person'])
  await forgetLimits()
  const rowsOf = ({ id }: { id: string }) => database().$count(limits, like(limits.key, `% ${id}`))
  assert.deepEqual([await rowsOf(ada), await rowsOf(bob)], [0, 1])
})

test('an address is forgotten after 90 days without a password from there', async () => {
  const ada = await person()
  const [old, recent] = ['203.0.113.1', '203.0.113.2']
  for (const address of [old, recent]) await noteAddress(ada.id, address)
  const setBack = (address: string, days: number) =>
    database()
      .update(knownAddresses)
      .set({ lastSeenAt: sql`now() - make_interval(days => ${days})` })
      .where(eq(knownAddresses.address, address))
  await Promise.all([setBack(old, 91), setBack(recent, 89)])
  await forgetLimits()
  assert.deepEqual([await isKnownAddress(ada.id, old), await isKnownAddress(ada.id, recent)], [false, true])
  await noteAddress(ada.id, null)
})

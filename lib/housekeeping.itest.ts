import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { leases, limits } from '@/db/schema'
import { eventually } from '@/testing/eventually'
import { unique } from '@/testing/people'
import { startHousekeeping } from './housekeeping'

test('every ten minutes what has expired is removed', async () => {
  mock.timers.enable({ apis: ['setInterval'] })
  startHousekeeping()
  for (let round = 0; round < 2; round++) {
    const key = `test ${unique()}`
    await database().insert(limits).values({ key, fullAt: sql`now() - interval '1 second'` })
    const count = () => database().$count(limits, eq(limits.key, key))
    // Only the mocked timer has moved, not the database's clock.
    await database().delete(leases).where(eq(leases.name, 'housekeeping'))
    mock.timers.tick(10 * 60 * 1000 - 1)
    assert.equal(await count(), 1)
    mock.timers.tick(1)
    await eventually(async () => (await count()) === 0)
  }
  mock.timers.reset()
})

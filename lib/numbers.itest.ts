import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { dailyNumbers, users } from '@/db/schema'
import { switchToOwnDatabase } from '@/testing/databases'
import { friends, person, say } from '@/testing/people'
import { refusedWith } from '@/testing/refusals'
import { readNumbers, storeDailyNumbers } from './numbers'

before(switchToOwnDatabase)

test('operators see how much there is, and how much there was at the end of each day', async () => {
  const operator = await person('olga', { siteRole: 'operator' })
  // A second conversation: the lobby exists always.
  const { ada, id } = await friends()
  await say(ada, id)
  await say(ada, id)
  await storeDailyNumbers()
  assert.deepEqual((await readNumbers(operator)).days, [], 'a site of today has no day before')
  await database().update(users).set({ createdAt: sql`now() - interval '3 days'` })
  await Promise.all([storeDailyNumbers(), storeDailyNumbers()])
  await say(ada, id)
  await storeDailyNumbers()
  const { now, days } = await readNumbers(operator)
  assert.deepEqual([now.people, now.conversations, now.messages], [3, 2, 3])
  assert.ok(now.databaseBytes > 1_000_000)
  assert.deepEqual(
    days.map(({ people, conversations, messages }) => [people, conversations, messages]),
    [[3, 2, 2]],
  )
})

test('the numbers of the last 90 days are shown, the oldest first', async () => {
  await database().execute(sql`
    insert into daily_numbers select current_date - number, 1, 1, 1, 1 from generate_series(2, 120) as number`)
  const { days } = await readNumbers(await person('olga', { siteRole: 'operator' }))
  assert.equal(days.length, 90)
  assert.deepEqual(
    days.map(({ day }) => day).sort(),
    days.map(({ day }) => day),
  )
  assert.equal(await database().$count(dailyNumbers), 120)
})

test('nobody but an operator sees the numbers', async () => {
  await assert.rejects(readNumbers(await person('mo', { siteRole: 'moderator' })), refusedWith(404))
})

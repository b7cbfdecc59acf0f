import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { migrateDatabase } from '@/db/migrate'
import { newDatabase } from '@/testing/databases'
import { person } from '@/testing/people'
import { searchPeople } from './people'

// With its own database: a page depends on how many people there are.

before(async () => {
  const url = await newDatabase()
  await migrateDatabase(url)
  process.env.DATABASE_URL = url
  await database().execute(sql`
    insert into users (username, password_hash) select 'person-' || n, 'none' from generate_series(1, 5000) as n`)
  await database().execute(sql`
    insert into users (username, password_hash)
    select case when n < 28 then 'xyzzy-' || n else 'n' || n || '-xyzzy' end, 'none' from generate_series(10, 59) as n`)
  await database().execute(sql`analyze users`)
})

test('among thousands of people everyone whose name contains a text is found once, after those whose name begins with it', async () => {
  const ada = await person()
  const found: string[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: Awaited<ReturnType<typeof searchPeople>> = await searchPeople(ada, { q: 'xyzzy', cursor })
    found.push(...page.users.map(({ username }) => username))
    cursor = page.nextCursor
  }
  assert.deepEqual(
    found,
    Array.from({ length: 50 }, (_, index) => (index < 18 ? `xyzzy-${index + 10}` : `n${index + 10}-xyzzy`)),
  )
})

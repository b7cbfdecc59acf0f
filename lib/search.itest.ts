import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { type SQL, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { migrateDatabase } from '@/db/migrate'
import { users } from '@/db/schema'
import { withoutTimeLimits } from '@/db/time-limits'
import { newDatabase } from '@/testing/databases'
import { person } from '@/testing/people'
import type { CurrentUser } from './current-user'
import { searchPeople } from './people'
import { planning, tiersOf } from './search'

// These tests have their own database, because the rows that a search reads depend on everyone in it.

let ada: CurrentUser
const crowd = 30_000

before(async () => {
  const url = await newDatabase()
  await migrateDatabase(url)
  process.env.DATABASE_URL = url
  ada = await person('searcher')
  // Many people whose names begin alike, so that the plan of a page that reads all of them shows it.
  await database().transaction(async (tx) => {
    await tx.execute(withoutTimeLimits)
    await tx.execute(sql`
      insert into users (username, first_name, last_name, password_hash)
      select (array['anna', 'user_', 'zoe'])[1 + n % 3] || n, (array['Anna', '秀英', 'O''Neil', 'Li'])[1 + n % 4],
        (array['Ander', '王', 'O''Brien', 'Wu', 'Anderson'])[1 + n % 5], 'none'
      from generate_series(1, ${sql.raw(String(crowd))}) as n`)
  })
  await database().execute(sql`analyze users`)
})

type Plan = { 'Node Type': string; 'Actual Rows': number; Plans?: Plan[] }
const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]

const readBy = (node: Plan) =>
  Object.entries(node)
    .filter(([name]) => name === 'Actual Rows' || name.startsWith('Rows Removed'))
    .reduce((sum, [, rows]) => sum + Number(rows), 0)

/** The plan of each query that a page may need. */
async function planPages(q: string, after: string) {
  const plans: Plan[] = []
  for (const { queries } of await tiersOf(q))
    for (const query of queries) {
      const plan = await explain(query(after, 21))
      plans.push(plan)
      if (plan['Actual Rows'] === 21) break
    }
  return plans
}

const explain = (query: SQL) =>
  database().transaction(async (tx) => {
    await tx.execute(planning)
    const [row] = await tx.execute<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
      sql`explain (analyze, format json) ${query}`,
    )
    assert.ok(row)
    return row['QUERY PLAN'][0].Plan
  })

const short = ['a', 'an', 'l', 'li', 'z', 'q', 'qx', '王', '秀英', '秀', "o'", 'o', '_', '%', '.', '!!', '🙂']
const long = ['ann', 'nna', 'ser_', 'anna', 'anna ander', 'zqx', 'qqqqq', 'xq wu', 'a'.repeat(64)]
const withoutTrigram = ['英王秀', 'x.y']
for (const q of [...short, ...long, ...withoutTrigram])
  test(`a page of “${q}” reads a limited number of people, however many there are`, async () => {
    for (const after of ['', 'm', 'user_2'])
      for (const plan of await planPages(q, after)) {
        // It counts what the index returns, before any person is read.
        const nodes = nodesOf(plan).filter((node) => node['Node Type'] !== 'Bitmap Index Scan')
        const read = Math.max(...nodes.map(readBy))
        assert.ok(
          read <= (withoutTrigram.includes(q) ? 10_000 : 2000),
          `after “${after}” read ${read}: ${nodes.map((node) => node['Node Type'])}`,
        )
      }
  })

/** The usernames of all pages of a search. */
async function findAll(q: string) {
  const found: string[] = []
  for (let cursor: string | null = null; ; ) {
    const page: Awaited<ReturnType<typeof searchPeople>> = await searchPeople(ada, { q, cursor })
    found.push(...page.users.map(({ username }) => username))
    cursor = page.nextCursor
    if (!cursor) return found
  }
}

const make = (rows: (typeof users.$inferInsert)[]) =>
  database()
    .insert(users)
    .values(rows.map((row) => ({ passwordHash: 'none', ...row })))

test('one or two characters find the start of usernames, then of first and last names, each person once', async () => {
  await make([
    { username: 'xy-name', firstName: 'Xyla', lastName: 'Xyz' },
    { username: 'before', firstName: 'Xylo', lastName: 'Xyst' },
    { username: 'zbehind', firstName: 'xy' },
    { username: 'last', firstName: 'Quinn', lastName: 'Xyst' },
    { username: 'only-last', lastName: 'Xyst' },
    { username: 'xavier', lastName: 'Xyst' },
    { username: 'not-this', firstName: 'axy', lastName: 'bxy' },
    { username: 'gone', firstName: 'Xyla', removedAt: new Date() },
  ])
  const expected = ['xy-name', 'zbehind', 'before', 'last', 'only-last', 'xavier']
  assert.deepEqual(await findAll('xy'), expected)
  assert.deepEqual(await findAll('XY'), expected)
  assert.deepEqual(await findAll('x'), ['xavier', ...expected.slice(0, -1)])
})

test('names of one or two Chinese, Japanese or Korean characters are found by their start', async () => {
  await make([
    { username: 'cjk-one', firstName: '凛', lastName: '김' },
    { username: 'cjk-two', firstName: '凛音', lastName: '佐藤' },
  ])
  assert.deepEqual(await findAll('凛'), ['cjk-one', 'cjk-two'])
  assert.deepEqual(await findAll('凛音'), ['cjk-two'])
  assert.deepEqual(await findAll('凛音 佐'), ['cjk-two'])
  assert.deepEqual(await findAll('김'), ['cjk-one'])
  assert.deepEqual(await findAll('佐藤'), ['cjk-two'])
})

test('text of single letters and signs finds the start of names, too', async () => {
  await make([
    { username: 'sign-1', firstName: "D'Arcy", lastName: "D'Angelo" },
    { username: 'sign-2', firstName: 'J. R.', lastName: 'Ewing' },
    { username: 'sign-3', firstName: 'Ed', lastName: 'Xi' },
  ])
  assert.deepEqual(await findAll("d'a"), ['sign-1'])
  assert.deepEqual(await findAll('j. r'), ['sign-2'])
  assert.deepEqual(await findAll('ed xi'), ['sign-3'])
})

test('text inside a name is found behind thousands of other usernames', async () => {
  await make([{ username: 'zz-behind', firstName: 'Joqannalee' }])
  assert.deepEqual(await findAll('qannal'), ['zz-behind'])
})

test('the pages of a short search list every match once', async () => {
  await make(
    Array.from({ length: 70 }, (_, n) => ({
      username: `${['k2', 'b', 'y'][n % 3]}-${n}`,
      [n % 2 ? 'firstName' : 'lastName']: 'K2',
    })),
  )
  const found = await findAll('k2')
  assert.equal(found.length, 70)
  assert.equal(new Set(found).size, 70)
})

test('a cursor of another search is refused or gives a page, and is never a server error', async () => {
  for (const cursor of ['1:m', '3:m', '0:zzz']) {
    await searchPeople(ada, { q: 'anna', cursor })
    await searchPeople(ada, { q: 'a', cursor }).catch((error) => assert.equal(error.status, 422))
  }
})

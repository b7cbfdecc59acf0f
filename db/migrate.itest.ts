import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { asAdmin, newDatabase } from '@/testing/databases'
import { connect } from './connection'
import { migrateDatabase } from './migrate'

async function inside<T extends Record<string, unknown>>(url: string, query: string) {
  const db = connect(url, 1)
  try {
    return [...(await db.execute<T>(sql.raw(query)))]
  } finally {
    await db.$client.end()
  }
}

const applied = (url: string) =>
  inside<{ hash: string; created_at: string }>(
    url,
    'select hash, created_at from drizzle.__drizzle_migrations order by created_at',
  )

const tables = async (url: string) =>
  (
    await inside<{ name: string }>(
      url,
      `select table_name as name from information_schema.tables where table_schema = 'public' order by 1`,
    )
  ).map(({ name }) => name)

let url = ''
before(async () => {
  url = await newDatabase()
  assert.deepEqual(await tables(url), [])
  await migrateDatabase(url)
})

test('an empty database gets every table', async () => {
  for (const name of ['users', 'login_sessions', 'conversations', 'memberships', 'messages', 'invitations'])
    assert.ok((await tables(url)).includes(name), name)
})

test('a second migration changes nothing', async () => {
  const before = await applied(url)
  assert.ok(before.length)
  await migrateDatabase(url)
  assert.deepEqual(await applied(url), before)
})

test('several migrations of an empty database at once all succeed, and apply each migration once', async () => {
  for (let round = 0; round < 3; round++) {
    const other = await newDatabase()
    await Promise.all([1, 2, 3].map(() => migrateDatabase(other)))
    assert.deepEqual(await applied(other), await applied(url))
    assert.deepEqual(await tables(other), await tables(url))
  }
})

test('a database that is newer than the code is refused with a clear sentence, and left unchanged', async () => {
  const newer = await newDatabase()
  await migrateDatabase(newer)
  await inside(
    newer,
    `insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', ${Date.now() * 2})`,
  )
  const before = await applied(newer)
  await assert.rejects(
    migrateDatabase(newer),
    /The database was migrated by a newer version of Parley\. Start that version/,
  )
  assert.deepEqual(await applied(newer), before)
})

/** The time limits of a new connection of the role. */
const timeLimitsOf = async (url: string) =>
  (
    await inside<{ limits: string }>(
      url,
      `select concat_ws(' ', current_setting('statement_timeout'), current_setting('lock_timeout'),
        current_setting('idle_in_transaction_session_timeout')) as limits`,
    )
  )[0]?.limits

test('the role’s statements have time limits, only in this database', async () => {
  assert.equal(await timeLimitsOf(url), '5s 4s 10s')
  await assert.rejects(inside(url, 'select pg_sleep(7)'), ({ cause }) => cause.code === '57014')
  const other = await newDatabase()
  assert.equal(await timeLimitsOf(other), '0 0 0')
})

test('a migration has no time limit, and resets limits that were changed', async () => {
  const changed = await newDatabase()
  await migrateDatabase(changed)
  const name = new URL(changed).pathname.slice(1)
  for (const limit of ['statement_timeout', 'lock_timeout'])
    await inside(changed, `alter role session_user in database ${name} set ${limit} = '300ms'`)
  const other = connect(changed, 1)
  // Another migration holds the lock for longer than the limit.
  const underway = other.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('parley migrations'))`)
    await sleep(900)
  })
  await Promise.all([underway, sleep(100).then(() => migrateDatabase(changed))])
  await other.$client.end()
  assert.equal(await timeLimitsOf(changed), '5s 4s 10s')
})

test('a role that may not set its time limits causes one warning, and the migration succeeds', async () => {
  const other = new URL(await newDatabase())
  const owner = other.username
  const login = `login_${other.pathname.slice(-8)}`
  await asAdmin(async (sql) => {
    await sql.unsafe(`create role ${login} login password 'x'; grant ${owner} to ${login};
      alter role ${login} set role = ${owner}`)
  })
  other.username = login
  other.password = 'x'
  const warnings: string[] = []
  await migrateDatabase(other.href, (sentence) => warnings.push(sentence))
  assert.equal(warnings.length, 1)
  assert.match(String(warnings[0]), /^The database's role cannot set its own time limits \(permission denied/)
  assert.ok((await tables(other.href)).includes('users'))
  await asAdmin((sql) => sql.unsafe(`drop role ${login}`))
})

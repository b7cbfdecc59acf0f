import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { sql } from 'drizzle-orm'
import { connect } from './connection'
import { migrateDatabase } from './migrate'

const main = connect(String(process.env.DATABASE_URL), 1)
const made: string[] = []

after(async () => {
  for (const name of made) await main.execute(sql`drop database ${sql.identifier(name)} with (force)`)
  await main.$client.end()
})

/** A database with nothing in it. */
async function freshDatabase() {
  const name = `fresh_${randomBytes(6).toString('hex')}`
  await main.execute(sql`create database ${sql.identifier(name)}`)
  made.push(name)
  const url = new URL(String(process.env.DATABASE_URL))
  url.pathname = `/${name}`
  return url.href
}

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
  url = await freshDatabase()
  assert.deepEqual(await tables(url), [])
  await migrateDatabase(url)
})

test('a fresh database gets every table', async () => {
  for (const name of ['users', 'login_sessions', 'conversations', 'memberships', 'messages', 'invitations'])
    assert.ok((await tables(url)).includes(name), name)
})

test('the second time there is nothing to do', async () => {
  const before = await applied(url)
  assert.ok(before.length)
  await migrateDatabase(url)
  assert.deepEqual(await applied(url), before)
})

test('several at once on a fresh database all succeed, and migrate it once', async () => {
  for (let round = 0; round < 3; round++) {
    const other = await freshDatabase()
    await Promise.all([1, 2, 3].map(() => migrateDatabase(other)))
    assert.deepEqual(await applied(other), await applied(url))
    assert.deepEqual(await tables(other), await tables(url))
  }
})

test('a database newer than the code is refused with a clear sentence, and left as it is', async () => {
  const newer = await freshDatabase()
  await migrateDatabase(newer)
  await inside(
    newer,
    `insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', ${Date.now() * 2})`,
  )
  const before = await applied(newer)
  await assert.rejects(
    migrateDatabase(newer),
    /The database was made by a newer version of Parley\. Start that version/,
  )
  assert.deepEqual(await applied(newer), before)
})

import { randomBytes } from 'node:crypto'
import { after } from 'node:test'
import postgres, { type Sql } from 'postgres'
import { migrateDatabase } from '@/db/migrate'

const created: string[] = []
after(() =>
  asAdmin((sql) => Promise.all(created.map((name) => sql`drop database ${sql(name)} with (force)`))),
)

/** Runs `work` as the superuser of the PostgreSQL under test. */
export async function asAdmin<T>(work: (sql: Sql) => Promise<T>) {
  const sql = postgres(String(process.env.PARLEY_TEST_ADMIN_URL), { max: 1, onnotice: () => {} })
  return work(sql).finally(() => sql.end())
}

/**
 * Creates an empty database that the site's role owns, and drops it at the end of the test file.
 * @returns its address
 */
export async function newDatabase() {
  const name = `test_${randomBytes(6).toString('hex')}`
  const url = new URL(String(process.env.DATABASE_URL))
  const { username } = url
  await asAdmin((sql) => sql`create database ${sql(name)} owner ${sql(username)}`)
  created.push(name)
  url.pathname = `/${name}`
  return url.href
}

/**
 * Gives this test file a migrated database of its own, because it changes the site's settings, which all files share.
 * Call it before the first query. @returns its address, for `startOtherSite`
 */
export async function switchToOwnDatabase() {
  const url = await newDatabase()
  await migrateDatabase(url)
  process.env.DATABASE_URL = url
  return url
}

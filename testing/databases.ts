import { randomBytes } from 'node:crypto'
import { after } from 'node:test'
import postgres, { type Sql } from 'postgres'

const made: string[] = []
after(() => asAdmin((sql) => Promise.all(made.map((name) => sql`drop database ${sql(name)} with (force)`))))

/** Does something as the superuser of the PostgreSQL under test. */
export async function asAdmin<T>(work: (sql: Sql) => Promise<T>) {
  const sql = postgres(String(process.env.PARLEY_TEST_ADMIN_URL), { max: 1, onnotice: () => {} })
  return work(sql).finally(() => sql.end())
}

/**
 * An empty database that the site's role owns; dropped when the test file is done.
 * @returns its address
 */
export async function newDatabase() {
  const name = `test_${randomBytes(6).toString('hex')}`
  const url = new URL(String(process.env.DATABASE_URL))
  const { username } = url
  await asAdmin((sql) => sql`create database ${sql(name)} owner ${sql(username)}`)
  made.push(name)
  url.pathname = `/${name}`
  return url.href
}

import 'server-only'
import { sql } from 'drizzle-orm'
import { type MigrationMeta, readMigrationFiles } from 'drizzle-orm/migrator'
import { boundStatements, withoutBounds } from './bounds'
import { connect, type Transaction } from './connection'

/**
 * Brings the database to the code's schema, or throws if the database is already ahead of it. If two processes
 * start at once, the second waits for the first's lock and finds nothing to do.
 * @param warn is given a sentence about what the role may not do, if the site works without it
 */
export async function migrateDatabase(url: string, warn: (sentence: string) => void = console.warn) {
  const db = connect(url, 1)
  try {
    await db.transaction(async (tx) => {
      await tx.execute(withoutBounds)
      await tx.execute(sql`select pg_advisory_xact_lock(hashtext('parley migrations'))`)
      await applyMigrations(tx)
      await boundStatements(tx, warn)
    })
  } finally {
    await db.$client.end()
  }
}

/**
 * Does what Drizzle's migrator does, on the tables it made. Drizzle's opens a transaction of its own, which could
 * not be told to go without the time limit of statements.
 */
async function applyMigrations(tx: Transaction) {
  await tx.execute(sql`create schema if not exists drizzle`)
  await tx.execute(sql`
    create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`)
  const known = readMigrationFiles({ migrationsFolder: 'db/migrations' })
  const newest = await newestApplied(tx)
  refuseNewerDatabase(newest, known)
  for (const { folderMillis, hash, sql: statements } of known) {
    if (folderMillis <= newest) continue
    for (const statement of statements) await tx.execute(sql.raw(statement))
    await tx.execute(
      sql`insert into drizzle.__drizzle_migrations (hash, created_at) values (${hash}, ${folderMillis})`,
    )
  }
}

async function newestApplied(tx: Transaction) {
  const [row] = await tx.execute<{ newest: string | null }>(
    sql`select max(created_at) as newest from drizzle.__drizzle_migrations`,
  )
  return Number(row?.newest ?? 0)
}

function refuseNewerDatabase(newest: number, known: MigrationMeta[]) {
  if (newest > (known.at(-1)?.folderMillis ?? 0))
    throw new Error(
      'The database was made by a newer version of Parley. Start that version, or restore a backup made before it.',
    )
}

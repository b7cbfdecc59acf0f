import 'server-only'
import { sql } from 'drizzle-orm'
import { type MigrationMeta, readMigrationFiles } from 'drizzle-orm/migrator'
import { connect, type Transaction } from './connection'
import { setTimeLimits, withoutTimeLimits } from './time-limits'

/**
 * Applies the missing migrations. Throws if the database was migrated by a newer version. If two processes start at
 * once, the second waits for the first's lock and finds nothing to do.
 * @param warn receives a sentence if the database's role lacks a right that the site can do without
 */
export async function migrateDatabase(url: string, warn: (sentence: string) => void = console.warn) {
  const db = connect(url, 1)
  try {
    await db.transaction(async (tx) => {
      await tx.execute(withoutTimeLimits)
      await tx.execute(sql`select pg_advisory_xact_lock(hashtext('parley migrations'))`)
      await applyMigrations(tx)
      await setTimeLimits(tx, warn)
    })
  } finally {
    await db.$client.end()
  }
}

/**
 * Does the same as Drizzle's migrator, with the same tables. Drizzle's opens its own transaction, in which the time
 * limits could not be lifted.
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
      'The database was migrated by a newer version of Parley. Start that version, or restore a backup from before.',
    )
}

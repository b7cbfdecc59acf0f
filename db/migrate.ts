import 'server-only'
import { sql } from 'drizzle-orm'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import { connect, type Transaction } from './connection'

const migrations = { migrationsFolder: 'db/migrations' }

/**
 * Brings the database to the code's schema, or throws where it is already ahead of it. Of two that
 * start at once the second waits for the first's lock, and finds nothing to do.
 */
export async function migrateDatabase(url: string) {
  // The lock is a transaction's, which a pooler cannot take apart; the migrator works beside it on the second connection.
  const db = connect(url, 2)
  try {
    await db.transaction(async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(hashtext('parley migrations'))`)
      await refuseNewerDatabase(tx)
      await migrate(db, migrations)
    })
  } finally {
    await db.$client.end()
  }
}

async function refuseNewerDatabase(tx: Transaction) {
  const [{ exists } = {}] = await tx.execute<{ exists: boolean }>(
    sql`select to_regclass('drizzle.__drizzle_migrations') is not null as "exists"`,
  )
  if (!exists) return
  const [{ newest } = {}] = await tx.execute<{ newest: string | null }>(
    sql`select max(created_at) as newest from drizzle.__drizzle_migrations`,
  )
  const known = readMigrationFiles(migrations).at(-1)?.folderMillis ?? 0
  if (Number(newest ?? 0) > known)
    throw new Error(
      'The database was made by a newer version of Parley. Start that version, or restore a backup made before it.',
    )
}

import 'server-only'
import { sql } from 'drizzle-orm'
import type { Transaction } from './connection'

/**
 * How long a statement or transaction of the site may take. `lock_timeout` is below `statement_timeout`, so that the
 * error tells which of the two was exceeded. A transaction of the site waits only for the database, so it is never idle
 * for long.
 */
const timeLimits = {
  statement_timeout: '5s',
  lock_timeout: '4s',
  idle_in_transaction_session_timeout: '10s',
}

const names = Object.keys(timeLimits)

/** Lifts the limits for the rest of a transaction, because migrations, backups and restores take longer. */
export const withoutTimeLimits = `select ${names.map((name) => `set_config('${name}', '0', true)`)}`

/**
 * Sets the limits as defaults of the role in this database. They apply to new connections. They are not sent when
 * connecting, because poolers in transaction mode refuse parameters that they do not know.
 */
export async function setTimeLimits(tx: Transaction, warn: (sentence: string) => void) {
  const database = await databaseWithoutLimits(tx)
  if (!database) return
  // In a savepoint, because a refused statement would otherwise fail the migrations too.
  await tx
    .transaction(async (savepoint) => {
      for (const [name, value] of Object.entries(timeLimits))
        await savepoint.execute(
          sql`alter role session_user in database ${sql.identifier(database)} set ${sql.identifier(name)} = ${sql.raw(`'${value}'`)}`,
        )
    })
    .catch((error) => {
      const { message } = error.cause ?? error
      warn(
        `The database's role cannot set its own time limits (${message}). Set ${names.join(', ')} for it to ${Object.values(timeLimits).join(', ')}.`,
      )
    })
}

/** The name of the connected database, or undefined if the role already has every limit there. */
async function databaseWithoutLimits(tx: Transaction) {
  const wanted = sql.param(Object.entries(timeLimits).map(([name, value]) => `${name}=${value}`))
  const [row] = await tx.execute<{ database: string; isSet: boolean }>(sql`
    select current_database() as database, exists (
      select from pg_db_role_setting join pg_database on pg_database.oid = setdatabase join pg_roles on pg_roles.oid = setrole
      where datname = current_database() and rolname = session_user and setconfig @> ${wanted}::text[]) as "isSet"`)
  return row?.isSet ? undefined : row?.database
}

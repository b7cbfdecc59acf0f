import 'server-only'
import { sql } from 'drizzle-orm'
import type { Transaction } from './connection'

/**
 * How long the site may keep the database busy. `lock_timeout` is below `statement_timeout`, so that an error says
 * which of the two it was; nothing that the site does in a transaction waits for anything but the database.
 */
const bounds = {
  statement_timeout: '5s',
  lock_timeout: '4s',
  idle_in_transaction_session_timeout: '10s',
}

const names = Object.keys(bounds)

/** Lifts the limits for the rest of a transaction: migrations, backups and restores take their time. */
export const withoutBounds = `select ${names.map((name) => `set_config('${name}', '0', true)`)}`

/**
 * Sets the limits as defaults of the role in this database, for connections that are opened from now on. They are not
 * sent when connecting, because poolers in transaction mode refuse parameters that they do not know.
 */
export async function boundStatements(tx: Transaction, warn: (sentence: string) => void) {
  const missing = await findMissing(tx)
  if (!missing) return
  // A refused statement would fail the migrations with it.
  await tx
    .transaction(async (part) => {
      for (const [name, value] of Object.entries(bounds))
        await part.execute(
          sql`alter role session_user in database ${sql.identifier(missing.database)} set ${sql.identifier(name)} = ${sql.raw(`'${value}'`)}`,
        )
    })
    .catch((error) => {
      const { message } = error.cause ?? error
      warn(
        `The database's role cannot limit its own statements (${message}). Set ${names.join(', ')} for it to ${Object.values(bounds).join(', ')}.`,
      )
    })
}

/** The database's name if a limit is missing there for this role. */
async function findMissing(tx: Transaction) {
  const wanted = sql.param(Object.entries(bounds).map(([name, value]) => `${name}=${value}`))
  const [row] = await tx.execute<{ database: string; isSet: boolean }>(sql`
    select current_database() as database, exists (
      select from pg_db_role_setting join pg_database on pg_database.oid = setdatabase join pg_roles on pg_roles.oid = setrole
      where datname = current_database() and rolname = session_user and setconfig @> ${wanted}::text[]) as "isSet"`)
  return row && !row.isSet ? row : undefined
}

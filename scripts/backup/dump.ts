import { once } from 'node:events'
import type { Writable } from 'node:stream'
import postgres, { type TransactionSql } from 'postgres'
import { withoutTimeLimits } from '@/db/time-limits'
import { linesOf } from '../lines'

/** How much a backup contains, for the message to the user. */
export type Size = { people: number; messages: number }
/**
 * A line of a backup: a row with its table's name. The first line is the schema's version, the last one the end mark.
 */
type Line = [table: string, row?: unknown]

// Short-lived rows, and one-time links: restored, those that were used since would be valid again. Unlogged tables are
// left out as well.
export const leftOut = ['leases', 'one_time_links', 'sockets']
const rowsAtOnce = 500

/** Writes everything as lines of JSON, in the state of one moment, while the site keeps running. */
export const dump = (url: string, output: Writable) =>
  inTransaction(url, 'isolation level repeatable read read only', async (tx) => {
    const write = async (lines: string[]) => {
      if (!output.write(lines.map((line) => `${line}\n`).join(''))) await once(output, 'drain')
    }
    await write([JSON.stringify(['schema', await schemaVersion(tx)])])
    for (const [table, columns] of await listTables(tx)) {
      const rows = tx.unsafe<{ line: string }[]>(
        `select json_build_array('${table}', row_to_json(saved))::text as line from (select ${columns} from ${table}) saved`,
      )
      for await (const some of rows.cursor(rowsAtOnce)) await write(some.map(({ line }) => line))
    }
    await write([JSON.stringify(['end'])])
    return measure(tx)
  })

/**
 * Loads what `dump` wrote into a migrated database without people, in one transaction.
 * @throws if there are people already, or if the dump is damaged or from another version
 */
export const load = (url: string, input: AsyncIterable<Uint8Array>) =>
  inTransaction(url, '', async (tx) => {
    if ((await measure(tx)).people)
      throw new Error('This database already contains people. Restore into a new one.')
    const tables = await listTables(tx)
    // The migrations create a room. With one-time links too, because a link to set the site up must not open the restored one.
    await tx.unsafe(`truncate ${[...tables.keys()]} cascade`)
    const lines = linesOf(input)
    const [mark, schema] = await readLine(lines)
    if (mark !== 'schema' || schema !== (await schemaVersion(tx)))
      throw new Error(
        'This is not a backup, or it is from another version. Restore it with the version of Parley that made it.',
      )
    let rows: unknown[] = []
    let table = ''
    const store = async () => {
      const columns = tables.get(table)
      if (rows.length && !columns) throw damaged()
      if (columns)
        await tx.unsafe(
          `insert into ${table} (${columns}) select ${columns} from jsonb_populate_recordset(null::${table}, $1::jsonb)`,
          [rows as never],
        )
      rows = []
    }
    for (let line = await readLine(lines); line[0] !== 'end'; line = await readLine(lines)) {
      if (line[0] !== table || rows.length === rowsAtOnce) await store()
      table = line[0]
      rows.push(line[1])
    }
    await store()
    return measure(tx)
  })

const damaged = () => new Error('The backup is damaged or incomplete.')

async function readLine(lines: AsyncGenerator<string>): Promise<Line> {
  const { value, done } = await lines.next()
  if (done) throw damaged()
  try {
    return JSON.parse(value)
  } catch {
    throw damaged()
  }
}

async function inTransaction<T>(url: string, mode: string, work: (tx: TransactionSql) => Promise<T>) {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    return (await sql.begin(mode, async (tx) => {
      await tx.unsafe(withoutTimeLimits)
      return work(tx)
    })) as T
  } finally {
    await sql.end()
  }
}

/** The columns of each table, except generated ones. Tables that others refer to come first. */
async function listTables(tx: TransactionSql) {
  const rows = await tx<{ name: string; columns: string }[]>`
    select relname as name, (
      select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
      where attrelid = pg_class.oid and attnum > 0 and not attisdropped and attgenerated = ''
    ) as columns
    from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' and relpersistence = 'p'
      and not relname = any(${leftOut})
    order by exists(select from pg_constraint where confrelid = pg_class.oid) desc, relname`
  return new Map(rows.map(({ name, columns }) => [name, columns]))
}

/** The schema's version: the time of the newest migration. */
async function schemaVersion(tx: TransactionSql) {
  const [row] = await tx`select max(created_at) as newest from drizzle.__drizzle_migrations`
  return String(row?.newest)
}

async function measure(tx: TransactionSql) {
  const [size] = await tx<Size[]>`
    select (select count(*)::int from users) as people, (select count(*)::int from messages) as messages`
  if (!size) throw new Error('The database did not answer.')
  return size
}

import { once } from 'node:events'
import type { Writable } from 'node:stream'
import postgres, { type TransactionSql } from 'postgres'
import { withoutBounds } from '@/db/bounds'

/** How much a backup holds, to say so. */
export type Extent = { people: number; messages: number }
/** A line of a backup: a row with its table's name; the first and the last one say what they are. */
type Line = [table: string, row?: unknown]

// Passing things; unlogged tables are left out as well.
const forgotten = ['leases', 'sockets']
const rowsAtOnce = 500

/** Writes all that is kept, as it is at one moment, as lines of JSON; people may go on meanwhile. */
export const dump = (url: string, output: Writable) =>
  inTransaction(url, 'isolation level repeatable read read only', async (tx) => {
    const write = async (lines: string[]) => {
      if (!output.write(lines.map((line) => `${line}\n`).join(''))) await once(output, 'drain')
    }
    await write([JSON.stringify(['schema', await schemaOf(tx)])])
    for (const [table, columns] of await listTables(tx)) {
      const rows = tx.unsafe<{ line: string }[]>(
        `select json_build_array('${table}', row_to_json(kept))::text as line from (select ${columns} from ${table}) kept`,
      )
      for await (const some of rows.cursor(rowsAtOnce)) await write(some.map(({ line }) => line))
    }
    await write([JSON.stringify(['end'])])
    return measure(tx)
  })

/**
 * Puts what `dump` wrote into a database that was migrated and holds nobody: all of it, or nothing.
 * @throws where there are people already, or the dump is another version's
 */
export const load = (url: string, input: AsyncIterable<Uint8Array>) =>
  inTransaction(url, '', async (tx) => {
    if ((await measure(tx)).people)
      throw new Error('This database holds people already: restore into a new one.')
    const tables = await listTables(tx)
    // The migrations made a room.
    await tx.unsafe(`truncate ${[...tables.keys()]}`)
    const lines = linesOf(input)
    const [word, schema] = await take(lines)
    if (word !== 'schema' || schema !== (await schemaOf(tx)))
      throw new Error('This is no backup, or another version’s: restore it with the Parley that made it.')
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
    for (let line = await take(lines); line[0] !== 'end'; line = await take(lines)) {
      if (line[0] !== table || rows.length === rowsAtOnce) await store()
      table = line[0]
      rows.push(line[1])
    }
    await store()
    return measure(tx)
  })

const damaged = () => new Error('The backup is damaged.')

async function take(lines: AsyncGenerator<string>): Promise<Line> {
  const { value, done } = await lines.next()
  if (done) throw new Error('The backup is cut off.')
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
      await tx.unsafe(withoutBounds)
      return work(tx)
    })) as T
  } finally {
    await sql.end()
  }
}

/** The columns of each table, those first that others refer to. Generated columns make themselves. */
async function listTables(tx: TransactionSql) {
  const rows = await tx<{ name: string; columns: string }[]>`
    select relname as name, (
      select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
      where attrelid = pg_class.oid and attnum > 0 and not attisdropped and attgenerated = ''
    ) as columns
    from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' and relpersistence = 'p'
      and not relname = any(${forgotten})
    order by exists(select from pg_constraint where confrelid = pg_class.oid) desc, relname`
  return new Map(rows.map(({ name, columns }) => [name, columns]))
}

/** What tells two schemas apart: the time of the newest migration. */
async function schemaOf(tx: TransactionSql) {
  const [row] = await tx`select max(created_at) as newest from drizzle.__drizzle_migrations`
  return String(row?.newest)
}

async function measure(tx: TransactionSql) {
  const [extent] = await tx<Extent[]>`
    select (select count(*)::int from users) as people, (select count(*)::int from messages) as messages`
  if (!extent) throw new Error('The database did not answer.')
  return extent
}

/** Not by `readline`, for which U+2028 in a message would end a line. */
async function* linesOf(input: AsyncIterable<Uint8Array>) {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of input) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import postgres, { type TransactionSql } from 'postgres'

/** How much a backup holds, to say so. */
export type Extent = { people: number; messages: number }

// Passing things; unlogged tables are left out as well.
const forgotten = ['leases']
const lastLine = '-- That is all.'

/**
 * Writes all that is kept, as it is at one moment, in PostgreSQL's own text form (`COPY`); people may go
 * on meanwhile.
 */
export const dump = (url: string, output: Writable) =>
  inTransaction(url, 'isolation level repeatable read read only', async (tx) => {
    output.write(`-- Parley, schema ${await schemaOf(tx)}\n`)
    for (const copy of await listTables(tx)) {
      output.write(`${copy} FROM stdin;\n`)
      const rows: Readable = await tx.unsafe(`${copy} TO stdout`).readable()
      for await (const chunk of rows) if (!output.write(chunk)) await once(output, 'drain')
      output.write('\\.\n')
    }
    output.write(`${lastLine}\n`)
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
    const names = tables.map((copy) => copy.split(' ')[1]).join(', ')
    // The migrations made a room.
    await tx.unsafe(`TRUNCATE ${names}`)
    const lines = linesOf(input)
    if ((await take(lines)) !== `-- Parley, schema ${await schemaOf(tx)}`)
      throw new Error('This is no backup, or another version’s: restore it with the Parley that made it.')
    for (let line = await take(lines); line !== lastLine; line = await take(lines)) {
      const copy = line.replace(/ FROM stdin;$/, '')
      if (!tables.includes(copy)) throw new Error('The backup is damaged.')
      await loadTable(await tx.unsafe(`${copy} FROM stdin`).writable(), lines)
    }
    return measure(tx)
  })

async function take(lines: AsyncGenerator<string>): Promise<string> {
  const { value, done } = await lines.next()
  if (done) throw new Error('The backup is cut off.')
  return value
}

/** Takes the lines up to the end of the table, and leaves the others. */
async function loadTable(rows: Writable, lines: AsyncGenerator<string>) {
  try {
    for (let line = await take(lines); line !== '\\.'; line = await take(lines))
      if (!rows.write(`${line}\n`)) await once(rows, 'drain')
    rows.end()
    await finished(rows)
  } catch (error) {
    // Else the database would wait for the rest.
    rows.on('error', () => {}).destroy(error as Error)
    throw error
  }
}

async function inTransaction<T>(url: string, mode: string, work: (tx: TransactionSql) => Promise<T>) {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    return (await sql.begin(mode, work)) as T
  } finally {
    await sql.end()
  }
}

/** A `COPY` for each table, those first that others refer to. Generated columns make themselves. */
async function listTables(tx: TransactionSql) {
  const rows = await tx<{ copy: string }[]>`
    select format('COPY %I (%s)', relname, (
      select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
      where attrelid = pg_class.oid and attnum > 0 and not attisdropped and attgenerated = ''
    )) as copy
    from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' and relpersistence = 'p'
      and not relname = any(${forgotten})
    order by exists(select from pg_constraint where confrelid = pg_class.oid) desc, relname`
  return rows.map(({ copy }) => copy)
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

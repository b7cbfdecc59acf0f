import type { TransactionSql } from 'postgres'

interface Part {
  table: string
  name: string
  definition: string
}

/** Runs `work` without the tables' indexes and constraints, because creating them afterwards is several times faster. */
export async function withoutIndexes(tx: TransactionSql, tables: string[], work: () => Promise<void>) {
  const keys = await listConstraints(tx, tables, ['p', 'u'])
  const references = await listConstraints(tx, tables, ['f'])
  const indexes = await listIndexes(tx, tables)
  for (const { table, name } of [...references, ...keys])
    await tx.unsafe(`alter table ${table} drop constraint ${name}`)
  for (const { name } of indexes) await tx.unsafe(`drop index ${name}`)
  await work()
  for (const { definition } of indexes) await tx.unsafe(definition)
  for (const { table, name, definition } of [...keys, ...references])
    await tx.unsafe(`alter table ${table} add constraint ${name} ${definition}`)
}

/** The constraints of these tables, and of others that reference them. */
const listConstraints = (tx: TransactionSql, tables: string[], types: string[]) => tx<Part[]>`
  select conrelid::regclass::text as table, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
  from pg_constraint
  where contype = any(${types}) and (conrelid = any(${tables}::regclass[]) or confrelid = any(${tables}::regclass[]))`

const listIndexes = (tx: TransactionSql, tables: string[]) => tx<Part[]>`
  select indrelid::regclass::text as table, indexrelid::regclass::text as name,
    pg_get_indexdef(indexrelid) as definition
  from pg_index
  where indrelid = any(${tables}::regclass[])
    and not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u'))`

import { createHmac } from 'node:crypto'
import postgres, { type TransactionSql } from 'postgres'

/** The role of the site, migrations and backups. It owns the database and has no rights beyond it. */
export const siteRole = 'parley_site'

/** Derived from the superuser's password, so that the data folder needs no further secret. */
export const sitePassword = (adminPassword: string) =>
  createHmac('sha256', adminPassword).update(siteRole).digest('hex')

/**
 * Creates the site's role and gives it the database and every object in it that belongs to the superuser. In a data
 * folder of an earlier version that is everything, because the site connected as the superuser.
 */
export async function handOver(adminUrl: string, adminPassword: string) {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} })
  try {
    await sql.begin(async (tx) => {
      await makeRole(tx, sitePassword(adminPassword))
      for (const { statement } of await listOwned(tx)) await tx.unsafe(statement)
    })
  } finally {
    await sql.end()
  }
}

async function makeRole(tx: TransactionSql, password: string) {
  const [role] = await tx`select from pg_roles where rolname = ${siteRole}`
  await tx.unsafe(
    `${role ? 'alter' : 'create'} role ${siteRole} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password '${password}'`,
  )
}

/**
 * The statements that give each object to the site's role, because `reassign owned` does not work for a cluster's first
 * superuser. They leave out objects that belong to another one: indexes, sequences of columns, row types of tables, and
 * everything that belongs to an extension.
 */
const listOwned = (tx: TransactionSql) => tx<{ statement: string }[]>`
  with admin as (
    select oid from pg_roles where rolname = current_user
  ), spaces as (
    select oid, nspname, nspowner from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
  ), parts as (
    select classid, objid from pg_depend where deptype in ('a', 'e', 'i')
  ), owned (kind, name) as (
    select 'database', quote_ident(datname) from pg_database
    where datname = current_database() and datdba = (table admin)
  union all
    select 'schema', quote_ident(nspname) from spaces where nspowner = (table admin)
  union all
    select 'table', oid::regclass::text from pg_class
    where relowner = (table admin) and relnamespace in (select oid from spaces)
      and relkind in ('r', 'p', 'v', 'm', 'f', 'S') and ('pg_class'::regclass, oid) not in (table parts)
  union all
    select 'routine', oid::regprocedure::text from pg_proc
    where proowner = (table admin) and pronamespace in (select oid from spaces)
      and ('pg_proc'::regclass, oid) not in (table parts)
  union all
    select 'type', oid::regtype::text from pg_type
    where typowner = (table admin) and typnamespace in (select oid from spaces)
      and ('pg_type'::regclass, oid) not in (table parts)
  )
  select format('alter %s %s owner to %I', kind, name, ${siteRole}::text) as statement from owned`

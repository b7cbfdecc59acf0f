import 'server-only'
import { PgPreparedQuery } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres, { type Sql, type TransactionSql } from 'postgres'
import * as schema from './schema'

/**
 * Opens a pool on `url`. Statements are prepared only where the address says `?prepare=true`:
 * a pooler in transaction mode would hand the next one to a connection that does not know it.
 */
export function connect(url: string, max = 10, onLost = () => {}) {
  let wasOpen = false
  const prepare = new URL(url).searchParams.get('prepare') === 'true'
  const client = postgres(url, {
    max,
    prepare,
    connect_timeout: 5,
    // Seconds. By its own rule it would let a query wait up to 20 once the database is back.
    backoff: () => 0.25,
    // The first thing that is heard of one that is open.
    onparameter: () => {
      wasOpen = true
    },
    onclose: () => wasOpen && onLost(),
    onnotice: () => {},
  })
  return drizzle({ client: careful(client, prepare), schema, casing: 'snake_case' })
}

/**
 * Drizzle has a query prepared only where the query itself asks for it, and each that is not costs a second
 * round trip. So, where it may, it gets a client that always asks. And one that undoes no transaction whose
 * connection is gone: postgres.js would write to it, and throw at nobody (porsager/postgres#1208).
 */
function careful<Client extends Sql | TransactionSql>(client: Client, prepare: boolean): Client {
  return new Proxy(client, {
    get(target, name) {
      if (name === 'unsafe' && prepare)
        return (query: string, params?: never[]) => target.unsafe(query, params, { prepare })
      const value = Reflect.get(target as object, name)
      if (name === 'begin' || name === 'savepoint')
        return (work: (tx: TransactionSql) => Promise<unknown>) =>
          value((tx: TransactionSql) => work(careful(tx, prepare)).catch(waitIfLost))
      return value
    },
  })
}

/** Forever: postgres.js itself fails the transaction as the connection closes. */
const waitIfLost = (error: unknown) => (isLost(error) ? new Promise(() => {}) : Promise.reject(error))

/** Whether the connection went along with the query: all else that PostgreSQL answers leaves it open. */
function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error.cause) return isLost(error.cause)
  const { code = '', severity } = error as { code?: string; severity?: string }
  return severity === 'FATAL' || /^(CONNECTION_|E[A-Z]{3})/.test(code)
}

type Run = (query: string, params: unknown[], run: () => Promise<unknown>) => Promise<unknown>
const prepared: { queryWithCache: Run } = PgPreparedQuery.prototype as never
const { queryWithCache } = prepared

/**
 * Drizzle puts a failed query's parameters into its error, and PostgreSQL a whole row into its own: a message's
 * text, a password's hash. Whoever logs the error would log these, the framework too.
 */
prepared.queryWithCache = function (this: unknown, query, _params, run) {
  const running = () =>
    run().catch((error) => {
      if (error instanceof Error) Object.assign(error, { detail: undefined, where: undefined })
      throw error
    })
  return queryWithCache.call(this, query, [], running)
}

export type Database = ReturnType<typeof connect>
export type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0]

// The framework loads this module once for each of its bundles; the pool is shared through the process.
const shared = globalThis as { parleyDatabase?: Database }

/** The site's database. The address was checked at start (lib/env.ts). */
export function database(): Database {
  shared.parleyDatabase ??= open()
  return shared.parleyDatabase
}

/**
 * A pool that gives its place to the next one as soon as it loses a connection: postgres.js may keep what was
 * about to be written then, and that connection never says a word again (porsager/postgres#1154).
 */
function open() {
  const pool = connect(process.env.DATABASE_URL ?? '', 10, () => {
    if (shared.parleyDatabase !== pool) return
    shared.parleyDatabase = undefined
    // What is underway on its other connections may end well; after a second all that is left fails.
    pool.$client.end({ timeout: 1 })
  })
  return pool
}

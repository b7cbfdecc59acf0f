import 'server-only'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres, { type Sql, type TransactionSql } from 'postgres'
import * as schema from './schema'

/**
 * Opens a pool on `url`. Statements are prepared only where the address says `?prepare=true`:
 * a pooler in transaction mode would hand the next one to a connection that does not know it.
 */
export function connect(url: string, max = 10) {
  const prepare = new URL(url).searchParams.get('prepare') === 'true'
  const client = postgres(url, { max, prepare, connect_timeout: 5, onnotice: () => {} })
  return drizzle({ client: prepare ? preparing(client) : client, schema, casing: 'snake_case' })
}

/**
 * Drizzle has a query prepared only where the query itself asks for it, and each that is not costs a second
 * round trip. So it gets a client that always asks.
 */
function preparing<Client extends Sql | TransactionSql>(client: Client): Client {
  return new Proxy(client, {
    get(target, name) {
      if (name === 'unsafe')
        return (query: string, params?: never[]) => target.unsafe(query, params, { prepare: true })
      const value = Reflect.get(target as object, name)
      if (name === 'begin' || name === 'savepoint')
        return (work: (tx: TransactionSql) => unknown) => value((tx: TransactionSql) => work(preparing(tx)))
      return value
    },
  })
}

export type Database = ReturnType<typeof connect>
export type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0]

// The framework loads this module once for each of its bundles; the pool is shared through the process.
const shared = globalThis as { parleyDatabase?: Database }

/** The site's database. The address was checked at start (lib/env.ts). */
export function database(): Database {
  shared.parleyDatabase ??= connect(process.env.DATABASE_URL ?? '')
  return shared.parleyDatabase
}

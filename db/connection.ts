import 'server-only'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { careful } from './careful-client'
import * as schema from './schema'
import './silent-errors'

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

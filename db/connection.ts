import 'server-only'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { careful } from './careful-client'
import { processState } from './process-state'
import * as schema from './schema'
import './silent-errors'

/** The addresses of poolers that cannot carry prepared statements. */
const unprepared = new Set<string>()

/** Opens a pool on `url`. Statements are prepared unless its address says `?prepare=false`, or a pooler refuses them. */
export function connect(url: string, max = 10, onLost = () => {}) {
  let wasOpen = false
  const preparing = {
    isOn: new URL(url).searchParams.get('prepare') !== 'false' && !unprepared.has(url),
    giveUp() {
      preparing.isOn = false
      if (unprepared.has(url)) return
      unprepared.add(url)
      process.emitWarning(
        'A pooler does not carry prepared statements: queries now take two round trips. Add ?prepare=false to DATABASE_URL, or use a pooler that does.',
      )
    },
  }
  const client = postgres(url, {
    max,
    prepare: preparing.isOn,
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
  return drizzle({ client: careful(client, preparing), schema, casing: 'snake_case' })
}

export type Database = ReturnType<typeof connect>
export type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0]

const shared = processState('database', (): { pool?: Database } => ({}))

/** The site's database. The address was checked at start (lib/env.ts). */
export function database(): Database {
  shared.pool ??= open()
  return shared.pool
}

/**
 * A pool that gives its place to the next one as soon as it loses a connection: postgres.js may keep what was
 * about to be written then, and that connection never says a word again (porsager/postgres#1154).
 */
function open() {
  const pool = connect(process.env.DATABASE_URL ?? '', 10, () => {
    if (shared.pool !== pool) return
    shared.pool = undefined
    // What is underway on its other connections may end well; after a second all that is left fails.
    pool.$client.end({ timeout: 1 })
  })
  return pool
}

import 'server-only'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { processState } from './process-state'
import './redacted-errors'
import { resilient } from './resilient-client'
import * as schema from './schema'

/** The addresses of poolers that do not support prepared statements. */
const unprepared = new Set<string>()

/** Opens a pool on `url`. Prepares statements unless the URL says `?prepare=false` or a pooler refuses them. */
export function connect(url: string, max = 10, onLost = () => {}) {
  let wasOpen = false
  const prepared = {
    areEnabled: new URL(url).searchParams.get('prepare') !== 'false' && !unprepared.has(url),
    disable() {
      prepared.areEnabled = false
      if (!unprepared.has(url)) warnUnprepared()
      unprepared.add(url)
    },
  }
  const client = postgres(url, {
    max,
    prepare: prepared.areEnabled,
    connect_timeout: 5,
    // Seconds. The default delay grows, so queries would wait up to 20 s after the database is back.
    backoff: () => 0.25,
    // Called when a connection has been opened, because PostgreSQL sends its parameters first.
    onparameter: () => {
      wasOpen = true
    },
    onclose: () => wasOpen && onLost(),
    onnotice: () => {},
  })
  return drizzle({ client: resilient(client, prepared, onLost), schema, casing: 'snake_case' })
}

/** Writes a line in the format of the site's log (lib/log.ts), which this folder must not import. */
function warnUnprepared() {
  const message =
    'A pooler does not support prepared statements, so queries take two round trips. Add ?prepare=false to DATABASE_URL, or use a pooler that supports them.'
  const time = new Date().toISOString()
  console.warn(JSON.stringify({ level: 'warning', time, event: 'database.unprepared', message }))
}

export type Database = ReturnType<typeof connect>
export type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0]

const shared = processState('database', (): { pool?: Database; isClosed?: boolean } => ({}))

/** The site's database. Its address was validated at start (lib/env.ts). */
export function database(): Database {
  shared.pool ??= open()
  return shared.pool
}

/** Closes the shared pool at the end of a process. Later queries fail instead of opening another one. */
export async function closeDatabase() {
  shared.isClosed = true
  await database().$client.end({ timeout: 1 })
}

/**
 * A pool that is replaced by a new one as soon as it loses a connection, or if a query is not answered for long, so that
 * requests don't wait for a hanging database. postgres.js may keep a query that was about to
 * be written to the lost connection, and then that connection never answers again (porsager/postgres#1154).
 */
function open() {
  const pool = connect(process.env.DATABASE_URL ?? '', 10, () => {
    if (shared.pool !== pool || shared.isClosed) return
    shared.pool = undefined
    // Queries on its other connections have a second to finish. Then all that are left fail.
    pool.$client.end({ timeout: 1 })
  })
  return pool
}

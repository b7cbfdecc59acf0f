import postgres, { type PendingQuery, type Sql, type TransactionSql } from 'postgres'

/** Whether statements are prepared. `disable` is called when a pooler turns out not to support them. */
export type PreparedStatements = { areEnabled: boolean; disable: () => void }
type Query = PendingQuery<never[]> & { retried?: unknown }

/** Twice as long as a statement may take (time-limits.ts). Waiting for a free connection counts too. */
const silentMs = 10_000

/**
 * Wraps a postgres.js client for Drizzle.
 *
 * It prepares every statement for as long as the connection supports that. Drizzle prepares only queries that ask for
 * it, and an unprepared one costs a second round trip.
 *
 * It does not roll back a transaction whose connection is lost. postgres.js would write to the lost connection, and
 * throw an error that cannot be caught (porsager/postgres#1208).
 *
 * It calls `onSilent` if a query or transaction does not end in time. postgres.js itself waits for as long as the
 * connection seems open, even if the database or a pooler hangs.
 */
export function resilient(client: Sql, prepared: PreparedStatements, onSilent: () => void): Sql {
  const begin = (work: (tx: TransactionSql) => Promise<unknown>) =>
    watch(
      client.begin((tx) => work(resilientTransaction(tx, prepared)).catch(waitIfLost)),
      onSilent,
    )
  return override(client, {
    unsafe: (text: string, params?: never[]) =>
      resilientQuery(() => client.unsafe(text, params, { prepare: prepared.areEnabled }), prepared, onSilent),
    begin: (work: (tx: TransactionSql) => Promise<unknown>) => retryUnprepared(() => begin(work), prepared),
  } as Partial<Sql>)
}

function resilientTransaction(tx: TransactionSql, prepared: PreparedStatements): TransactionSql {
  return override(tx, {
    // Not retried here, because a refused statement ends the transaction. `begin` retries the whole transaction.
    unsafe: (text: string, params?: never[]) => tx.unsafe(text, params, { prepare: prepared.areEnabled }),
    savepoint: (work: (savepoint: TransactionSql) => Promise<unknown>) =>
      tx.savepoint((savepoint) => work(resilientTransaction(savepoint, prepared)).catch(waitIfLost)),
  } as Partial<TransactionSql>)
}

const override = <T extends object>(target: T, members: Partial<T>): T =>
  new Proxy(target, {
    get: (_, name) => Reflect.get(Object.hasOwn(members, name) ? members : target, name),
  })

/** The parts of a query that Drizzle uses: its rows, as objects or as arrays of values. */
function resilientQuery(makeQuery: () => Query, prepared: PreparedStatements, onSilent: () => void) {
  const run = (read: (query: Query) => PromiseLike<unknown>) =>
    retryUnprepared(async () => {
      const query = makeQuery()
      const rows = await watch(read(query), onSilent)
      // postgres.js has retried by itself, which costs round trips and leaves statements behind.
      if (isUnsupported(query.retried)) prepared.disable()
      return rows
    }, prepared)
  return {
    // biome-ignore lint/suspicious/noThenProperty: a query begins only when it is awaited.
    then: (...handlers: Parameters<Promise<unknown>['then']>) => run((query) => query).then(...handlers),
    values: () => run((query) => query.values()),
  }
}

async function watch<T>(answer: PromiseLike<T>, onSilent: () => void) {
  const timer = setTimeout(onSilent, silentMs)
  try {
    return await answer
  } finally {
    clearTimeout(timer)
  }
}

/** Retries once. A refused statement was not executed, and its transaction was rolled back, so both can be repeated. */
async function retryUnprepared<T>(attempt: () => Promise<T>, prepared: PreparedStatements) {
  try {
    return await attempt()
  } catch (error) {
    if (!isUnsupported(error)) throw error
    prepared.disable()
    return attempt()
  }
}

// "Prepared statement does not exist" and "already exists": a pooler in transaction mode has switched connections.
const isUnsupported = (error: unknown) => ['26000', '42P05'].includes(databaseError(error).code ?? '')

/** If the connection is lost, waits forever: postgres.js itself fails the transaction when the connection closes. */
const waitIfLost = (error: unknown) => (isLost(error) ? new Promise(() => {}) : Promise.reject(error))

/** Whether the error ended the connection. Other errors of PostgreSQL leave it open. */
function isLost(error: unknown) {
  const { code = '', severity } = databaseError(error)
  return severity === 'FATAL' || /^(CONNECTION_|E[A-Z]{3})/.test(code)
}

type DatabaseError = Error & { code?: string; severity?: string }

/** The error of the database or the connection, which Drizzle wraps in its own. */
function databaseError(error: unknown): Partial<DatabaseError> {
  if (!(error instanceof Error)) return {}
  return error.cause ? databaseError(error.cause) : error
}

/**
 * Never prepares tagged queries, which only postgres.js itself uses here, for `commit` among others. If the connection
 * does not know a prepared commit, postgres.js retries it in a transaction that has failed by then. The commit then
 * rolls back without an error.
 *
 * Ignores errors of the query for array types, with which postgres.js begins each connection. Nothing catches them, and
 * the connection's first query fails too. They come from a pooler whose database is down.
 */
const taggedQuery = Object.getPrototypeOf(postgres({ max: 1 })``)
const { handle } = taggedQuery
taggedQuery.handle = function (this: {
  tagged: boolean
  strings: string[]
  options: { prepare?: boolean }
  reject: (error: unknown) => void
}) {
  if (this.tagged) this.options.prepare = false
  if (this.strings[0]?.startsWith('\n      select b.oid, b.typarray')) this.reject = () => {}
  return handle.call(this)
}

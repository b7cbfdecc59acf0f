import postgres, { type PendingQuery, type Sql, type TransactionSql } from 'postgres'

/** Whether statements are prepared; `giveUp` is called when it turns out that a pooler cannot carry them. */
export type Preparing = { isOn: boolean; giveUp: () => void }
type Query = PendingQuery<never[]> & { retried?: unknown }

/**
 * Drizzle has a query prepared only if the query itself asks for it, and each one that isn't costs a second round
 * trip: this client prepares all of them, as long as the connection can. And it doesn't roll back a transaction whose
 * connection is lost: postgres.js would write to it, and throw uncaught (porsager/postgres#1208).
 */
export function careful(client: Sql, preparing: Preparing): Sql {
  const begin = (work: (tx: TransactionSql) => Promise<unknown>) =>
    client.begin((tx) => work(carefulTransaction(tx, preparing)).catch(waitIfLost))
  const own = {
    unsafe: (text: string, params?: never[]) =>
      carefulQuery(() => client.unsafe(text, params, { prepare: preparing.isOn }), preparing),
    begin: (work: (tx: TransactionSql) => Promise<unknown>) => againUnprepared(() => begin(work), preparing),
  }
  return extend(client, own as Partial<Sql>)
}

function carefulTransaction(tx: TransactionSql, preparing: Preparing): TransactionSql {
  const own = {
    // The refusal of one statement ends the transaction, so `begin` is what tries again.
    unsafe: (text: string, params?: never[]) => tx.unsafe(text, params, { prepare: preparing.isOn }),
    savepoint: (work: (part: TransactionSql) => Promise<unknown>) =>
      tx.savepoint((part) => work(carefulTransaction(part, preparing)).catch(waitIfLost)),
  }
  return extend(tx, own as Partial<TransactionSql>)
}

const extend = <T extends object>(target: T, own: Partial<T>): T =>
  new Proxy(target, { get: (_, name) => Reflect.get(Object.hasOwn(own, name) ? own : target, name) })

/** What Drizzle uses of a query: its rows, as objects or as lists of values. */
function carefulQuery(make: () => Query, preparing: Preparing) {
  const run = (read: (query: Query) => PromiseLike<unknown>) => {
    const attempt = async () => {
      const query = make()
      const rows = await read(query)
      // postgres.js has tried again by itself, which costs round trips and leaves statements behind.
      if (isUnprepared(query.retried)) preparing.giveUp()
      return rows
    }
    return againUnprepared(attempt, preparing)
  }
  return {
    // biome-ignore lint/suspicious/noThenProperty: a query begins only when it is awaited.
    then: (...handlers: Parameters<Promise<unknown>['then']>) => run((query) => query).then(...handlers),
    values: () => run((query) => query.values()),
  }
}

/** A refused statement was not executed, and its transaction is undone, so both can be run again. */
async function againUnprepared<T>(attempt: () => Promise<T>, preparing: Preparing) {
  try {
    return await attempt()
  } catch (error) {
    if (!isUnprepared(error)) throw error
    preparing.giveUp()
    return attempt()
  }
}

// "Prepared statement does not exist", and "already exists": a pooler in transaction mode took another connection.
const isUnprepared = (error: unknown) => ['26000', '42P05'].includes(answerIn(error).code ?? '')

/** Forever: postgres.js itself fails the transaction as the connection closes. */
const waitIfLost = (error: unknown) => (isLost(error) ? new Promise(() => {}) : Promise.reject(error))

/** Whether the connection was lost with the query: any other answer of PostgreSQL's leaves it open. */
function isLost(error: unknown) {
  const { code = '', severity } = answerIn(error)
  return severity === 'FATAL' || /^(CONNECTION_|E[A-Z]{3})/.test(code)
}

type DatabaseError = Error & { code?: string; severity?: string }

/** What the database or the connection answered: Drizzle wraps it. */
function answerIn(error: unknown): Partial<DatabaseError> {
  if (!(error instanceof Error)) return {}
  return error.cause ? answerIn(error.cause) : error
}

/**
 * Tagged queries are postgres.js's own, `commit` among them. Prepared, a commit that the connection doesn't know is
 * tried again in a transaction that has failed by then, and the rollback that it becomes passes for a commit.
 */
const ownQuery = Object.getPrototypeOf(postgres({ max: 1 })``)
const { handle } = ownQuery
ownQuery.handle = function (this: { tagged: boolean; options: { prepare?: boolean } }) {
  if (this.tagged) this.options.prepare = false
  return handle.call(this)
}

import type { Sql, TransactionSql } from 'postgres'

/**
 * Drizzle has a query prepared only where the query itself asks for it, and each that is not costs a second
 * round trip. So, where it may, it gets a client that always asks. And one that undoes no transaction whose
 * connection is gone: postgres.js would write to it, and throw at nobody (porsager/postgres#1208).
 */
export function careful<Client extends Sql | TransactionSql>(client: Client, prepare: boolean): Client {
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

import { PgPreparedQuery } from 'drizzle-orm/pg-core'

type Run = (query: string, params: unknown[], run: () => Promise<unknown>) => Promise<unknown>
const prepared: { queryWithCache: Run } = PgPreparedQuery.prototype as never
const { queryWithCache } = prepared

/**
 * Removes private data from database errors, because Parley and Next.js log them. Drizzle adds the parameters of a
 * failed query, and PostgreSQL a whole row, which may contain a message's text or a password's hash.
 */
prepared.queryWithCache = function (this: unknown, query, _params, run) {
  const running = () =>
    run().catch((error) => {
      if (error instanceof Error) Object.assign(error, { detail: undefined, where: undefined })
      throw error
    })
  return queryWithCache.call(this, query, [], running)
}

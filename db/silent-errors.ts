import { PgPreparedQuery } from 'drizzle-orm/pg-core'

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

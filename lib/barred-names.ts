import 'server-only'
import { and, eq, gt, lt, sql } from 'drizzle-orm'
import { database, type Transaction } from '@/db/connection'
import { barredNames } from '@/db/schema'

/** What deleted people are called. */
export const deletedName = { username: 'deleted', firstName: 'Deleted', lastName: 'person' }

/** Bars a username for 90 days, so that nobody passes for the person who deleted the account. */
export const barName = (tx: Transaction, username: string) =>
  tx
    .insert(barredNames)
    .values({ usernameKey: sql`lower(${username})`, until: sql`now() + interval '90 days'` })
    .onConflictDoUpdate({ target: barredNames.usernameKey, set: { until: sql`excluded.until` } })

/** Whether nobody may take this username now. */
export async function isBarred(username: string) {
  if (username.toLowerCase() === deletedName.username) return true
  const barred = and(eq(barredNames.usernameKey, sql`lower(${username})`), gt(barredNames.until, sql`now()`))
  return (await database().$count(barredNames, barred)) > 0
}

export const forgetBarredNames = () => database().delete(barredNames).where(lt(barredNames.until, sql`now()`))

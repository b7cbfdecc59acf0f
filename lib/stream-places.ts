import 'server-only'
import { eq, lt, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { streams } from '@/db/schema'
import { addressKey } from './addresses'
import type { CurrentUser } from './current-user'
import { env } from './env'
import { Refusal } from './errors'

/** How many streams may be open at once, over all instances of the site. */
const atMost = { person: 50, address: 500 }
/** A place expires this long after it was last renewed, so that streams of a killed process soon stop counting. */
const seconds = 10
const lifetime = sql`make_interval(secs => ${seconds})`

/**
 * Takes a place for a new stream of the person.
 * @returns the place's id, undefined if the limits are off
 * @throws {Refusal} 429 if the person or the address has too many streams
 */
export async function takePlace({ id, address }: CurrentUser) {
  if (env().PARLEY_LIMITS === 'off') return undefined
  const from = addressKey(address) ?? 'unknown'
  const [place] = await database().transaction(async (tx) => {
    // Lock in a statement of its own, so that the next one sees all places taken before.
    await tx.execute(sql`
      select pg_advisory_xact_lock(hashtextextended(${`streams of ${id}`}, 0)),
        pg_advisory_xact_lock(hashtextextended(${`streams from ${from}`}, 0))`)
    return tx.execute<{ id: string }>(sql`
      insert into streams (user_id, address, until)
      select ${id}, ${from}, now() + ${lifetime}
      where (select count(*) from streams where user_id = ${id} and until > now()) < ${atMost.person}
        and (select count(*) from streams where address = ${from} and until > now()) < ${atMost.address}
      returning id`)
  })
  if (place) return place.id
  throw new Refusal(
    429,
    `Too many live connections are open. Close some and try again in ${seconds} seconds.`,
    {
      retryAfter: seconds,
    },
  )
}

/** Renews the places of this process's open streams. */
export async function renewPlaces(ids: string[]) {
  if (!ids.length) return
  await database().execute(
    sql`update streams set until = now() + ${lifetime} where id = any(${sql.param(ids)}::uuid[])`,
  )
}

export const leavePlace = (id: string) => database().delete(streams).where(eq(streams.id, id))

/** Deletes the places of streams whose process was killed. */
export const removeExpiredPlaces = () => database().delete(streams).where(lt(streams.until, sql`now()`))

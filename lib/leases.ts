import 'server-only'
import { sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { leases } from '@/db/schema'

/**
 * Lets one instance at a time do a regular task: call it before each round.
 * @returns false if another instance has begun a round less than `intervalMs` ago
 */
export async function takeLease(name: string, intervalMs: number) {
  const taken = await database()
    .insert(leases)
    .values({ name, until: sql`now() + ${intervalMs} * interval '1 millisecond'` })
    .onConflictDoUpdate({
      target: leases.name,
      set: { until: sql`excluded.until` },
      // Half a second of tolerance, so that the timer of a single instance is never just too early.
      setWhere: sql`${leases.until} < now() + interval '500 milliseconds'`,
    })
    .returning()
  return taken.length > 0
}

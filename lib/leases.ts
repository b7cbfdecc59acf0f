import 'server-only'
import { sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { leases } from '@/db/schema'

/**
 * Lets one instance at a time do a regular task: call it before each round.
 * @param toleranceMs how much sooner a round may begin, so that the timer of a single instance is never just too early
 * @returns false if another instance has begun a round less than `intervalMs` ago
 */
export async function takeLease(name: string, intervalMs: number, toleranceMs = 500) {
  const taken = await database()
    .insert(leases)
    .values({ name, until: sql`now() + ${intervalMs} * interval '1 millisecond'` })
    .onConflictDoUpdate({
      target: leases.name,
      set: { until: sql`excluded.until` },
      setWhere: sql`${leases.until} <= now() + ${toleranceMs} * interval '1 millisecond'`,
    })
    .returning()
  return taken.length > 0
}

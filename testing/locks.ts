import { eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { loginSessions } from '@/db/schema'
import type { CurrentUser } from '@/lib/current-user'

/**
 * Runs `work` while the row of the login session is locked. The row is made old first, so that the session's next
 * request has to update it and waits for the lock.
 */
export async function whileSessionLocked<T>({ loginSessionId }: CurrentUser, work: () => Promise<T>) {
  const session = eq(loginSessions.id, loginSessionId)
  await database().update(loginSessions).set({ lastSeenAt: sql`now() - interval '1 minute'` }).where(session)
  return database().transaction(async (tx) => {
    await tx.select().from(loginSessions).where(session).for('update')
    return work()
  })
}

import { eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { loginSessions } from '@/db/schema'
import type { CurrentUser } from '@/lib/current-user'

/** Does something while the login session, which the person's next request has to note, cannot be changed. */
export async function whileLocked<T>({ loginSessionId }: CurrentUser, work: () => Promise<T>) {
  const session = eq(loginSessions.id, loginSessionId)
  await database().update(loginSessions).set({ lastSeenAt: sql`now() - interval '1 minute'` }).where(session)
  return database().transaction(async (tx) => {
    await tx.select().from(loginSessions).where(session).for('update')
    return work()
  })
}

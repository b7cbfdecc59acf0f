import 'server-only'
import { eq } from 'drizzle-orm'
import { database } from '@/db/connection'
import { loginSessions } from '@/db/schema'
import { logError } from '@/lib/log'
import { soketi } from './soketi'

/** Each socket signs in as its login session (authorize.ts), so Soketi can close just these. */
export async function closeSockets(loginSessionIds: string[]) {
  const close = (id: string) =>
    soketi()
      .terminateUserConnections(id)
      .catch((error) => logError('realtime.terminate', error))
  await Promise.all(loginSessionIds.map(close))
}

/** All sockets of a person. Pages whose login session goes on come back by themselves (client.ts). */
export async function closeSocketsOf(userId: string) {
  const sessions = await database()
    .select({ id: loginSessions.id })
    .from(loginSessions)
    .where(eq(loginSessions.userId, userId))
  await closeSockets(sessions.map(({ id }) => id))
}

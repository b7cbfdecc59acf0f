import 'server-only'
import { eq, lt, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { loginSessions, sockets } from '@/db/schema'
import { logError } from '@/lib/log'
import type { CurrentUser } from '@/lib/login-sessions'
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

/** Whether the socket belongs to this login session: the first that authorizes a socket keeps it. */
export async function ownsSocket(user: CurrentUser, id: string) {
  const owner = (await findOwner(id)) ?? (await claim(user, id))
  return owner === user.loginSessionId
}

async function claim(user: CurrentUser, id: string) {
  await database().insert(sockets).values({ id, loginSessionId: user.loginSessionId }).onConflictDoNothing()
  return findOwner(id)
}

async function findOwner(id: string) {
  const [socket] = await database()
    .select({ loginSessionId: sockets.loginSessionId })
    .from(sockets)
    .where(eq(sockets.id, id))
  return socket?.loginSessionId
}

/** Removes the owners of sockets that are closed: none lives longer than 24 h (scripts/services/soketi/guard.cjs). */
export const forgetSockets = () =>
  database().delete(sockets).where(lt(sockets.createdAt, sql`now() - interval '25 hours'`))

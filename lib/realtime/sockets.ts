import 'server-only'
import { eq, lt, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { loginSessions, sockets } from '@/db/schema'
import type { CurrentUser } from '@/lib/current-user'
import { logError } from '@/lib/log'
import { soketi } from './soketi'

const retryMs = 2000
/** Enough for a minute. By then clients have noticed that Soketi hangs, and reconnect, which is refused. */
const maxTries = 30

/** Closes the sockets of these login sessions. Each socket signs in as its login session (authorize.ts). */
export async function closeSockets(loginSessionIds: string[]) {
  await Promise.all(loginSessionIds.map((id) => close(id)))
}

/** Resolves after the first try. If Soketi does not answer, retries in the background. */
async function close(loginSessionId: string, triesLeft = maxTries) {
  try {
    await soketi().terminateUserConnections(loginSessionId)
  } catch (error) {
    if (triesLeft === maxTries) logError('realtime.terminate', error)
    if (triesLeft > 1) setTimeout(close, retryMs, loginSessionId, triesLeft - 1).unref()
  }
}

/** Closes all sockets of a person. Pages that are still signed in reconnect by themselves (client.ts). */
export async function closeSocketsOf(userId: string) {
  const sessions = await database()
    .select({ id: loginSessions.id })
    .from(loginSessions)
    .where(eq(loginSessions.userId, userId))
  await closeSockets(sessions.map(({ id }) => id))
}

/** Whether the socket belongs to this login session, which is the first one that authorized it. */
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

/** Deletes the owners of closed sockets: no socket lives longer than 24 h (scripts/services/soketi/guard.cjs). */
export const forgetSockets = () =>
  database().delete(sockets).where(lt(sockets.createdAt, sql`now() - interval '25 hours'`))

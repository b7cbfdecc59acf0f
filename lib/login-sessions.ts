import 'server-only'
import { createHash, randomBytes } from 'node:crypto'
import { and, desc, eq, sql } from 'drizzle-orm'
import { database, type Transaction } from '@/db/connection'
import { prepared } from '@/db/prepared'
import { loginSessions, siteSettings, users } from '@/db/schema'
import type { CurrentUser, Origin } from './current-user'
import { missing, Refusal } from './errors'
import { isId } from './fields'
import { logError } from './log'
import { goOffline, noteRequest } from './presence'
import { closeSockets } from './realtime/sockets'
import { recordSecurityEvent } from './security-events'
import { isSuspended, shownName } from './users'
import { inUtc } from './utc-time'

/** A login session as the settings list it. */
export type LoginSession = {
  id: string
  client: 'api' | 'browser'
  userAgent: string | null
  address: string | null
  createdAt: string
  lastSeenAt: string
  isCurrent: boolean
}

// The contract allows a delay of 10 s, and recording every request would cost a write for each.
const noteEvery = sql`interval '5 seconds'`
/** Never used before, or so long ago that the person may be offline (users.ts). */
const wasIdle = sql`(${loginSessions.lastSeenAt} = ${loginSessions.createdAt}
  or ${loginSessions.lastSeenAt} < now() - interval '55 seconds')`
/** A login session ends after 30 days without use. */
const isLive = sql`${loginSessions.lastSeenAt} > now() - interval '30 days'`

const hash = (token: string) => createHash('sha256').update(token).digest('hex')

/**
 * Locks the person until the commit, so that a suspension or deletion also ends a session that starts meanwhile.
 * @returns the session's id and its token. Only a hash of the token is stored.
 * @throws {Refusal} 403 for a suspended person, 400 for a deleted one
 */
export async function startLoginSession(userId: string, client: LoginSession['client'], origin: Origin) {
  const token = randomBytes(32).toString('base64url')
  const userAgent = origin.userAgent?.slice(0, 300) ?? null
  const [session] = await database().execute<{ id: string }>(sql`
    insert into login_sessions (user_id, client, token_hash, user_agent, address)
    select id, ${client}, ${hash(token)}, ${userAgent}, ${origin.address} from users
    where id = ${userId} and removed_at is null and not ${isSuspended} for share
    returning id`)
  if (!session) return refuseLogin(userId)
  await recordSecurityEvent(userId, 'login', { ...origin, session: session.id }, { client })
  return { id: session.id, token }
}

/** @throws {Refusal} 403 or 400, with the reason */
async function refuseLogin(userId: string): Promise<never> {
  const [suspended] = await database()
    .select({ until: users.suspendedUntil, reason: users.suspensionReason })
    .from(users)
    .where(and(eq(users.id, userId), isSuspended))
  if (!suspended) throw new Refusal(400, 'This account was deleted.')
  throw new Refusal(403, suspensionSentence(suspended))
}

/** Tells a person that they are suspended. `until` is an invalid date if it is for good. */
function suspensionSentence({ until, reason }: { until: Date | null; reason: string | null }) {
  const isForGood = Number.isNaN(Number(until))
  const time = until && !isForGood ? ` until ${inUtc(until)}` : ''
  return `Your account is suspended${time}.${reason ? ` Reason: ${reason}` : ''}`
}

/** Exchanges a browser's token for its session's id, once. From then on the browser's cookie holds that id. */
export async function redeemToken(token: string) {
  const [session] = await database()
    .update(loginSessions)
    .set({ tokenHash: null })
    .where(and(eq(loginSessions.tokenHash, hash(token)), eq(loginSessions.client, 'browser')))
    .returning({ id: loginSessions.id, userId: loginSessions.userId })
  return session
}

export const findByToken = (token: string, address: string | null = null) =>
  findCurrentUser(selectByToken({ tokenHash: hash(token) }), address)

export const findByLoginSession = async (id: string, address: string | null = null) =>
  isId(id) ? findCurrentUser(selectById({ id }), address) : undefined

const selectWhere = (where: ReturnType<typeof and>) =>
  prepared((db) =>
    db
      .select({
        id: users.id,
        username: users.username,
        firstName: users.firstName,
        lastName: users.lastName,
        gender: users.gender,
        isGuest: sql<boolean>`${users.passwordHash} is null`,
        siteRole: users.role,
        siteName: siteSettings.siteName,
        mayMakeLinks: sql<boolean>`(${users.role} = 'operator'
          or (${siteSettings.linkMakers} = 'accounts' and ${users.passwordHash} is not null))`,
        mayMakeRooms: sql<boolean>`(${users.role} = 'operator' or ${siteSettings.roomMakers} = 'everyone'
          or (${siteSettings.roomMakers} = 'accounts' and ${users.passwordHash} is not null))`,
        resetLinkMadeAt: sql<string | null>`${users.resetLinkMadeAt}::text`,
        loginSessionId: loginSessions.id,
        isDue: sql<boolean>`${loginSessions.lastSeenAt} < now() - ${noteEvery}`,
        wasIdle: sql<boolean>`${wasIdle}`,
      })
      .from(loginSessions)
      .innerJoin(users, eq(users.id, loginSessions.userId))
      .innerJoin(siteSettings, sql`true`)
      .where(and(where, isLive)),
  )
const selectByToken = selectWhere(
  and(eq(loginSessions.tokenHash, sql.placeholder('tokenHash')), eq(loginSessions.client, 'api')),
)
const selectById = selectWhere(eq(loginSessions.id, sql.placeholder('id')))

async function findCurrentUser(
  rows: ReturnType<typeof selectById>,
  address: string | null,
): Promise<CurrentUser | undefined> {
  const [row] = await rows
  if (!row) return undefined
  const { isDue, wasIdle, ...user } = row
  // Wait only if this makes the person online again, because the answer may show it.
  if (wasIdle) await noteSeen(user.id, user.loginSessionId)
  else if (isDue)
    noteSeen(user.id, user.loginSessionId).catch((error) => logError('login-sessions.seen', error))
  return { ...user, name: shownName(user), address }
}

/** Writes in progress, one at a time for each login session. */
const noting = new Map<string, Promise<void>>()

function noteSeen(userId: string, id: string) {
  const noted = noting.get(id) ?? storeSeen(userId, id).finally(() => noting.delete(id))
  noting.set(id, noted)
  return noted
}

async function storeSeen(userId: string, id: string) {
  await database().update(loginSessions).set({ lastSeenAt: sql`now()` }).where(eq(loginSessions.id, id))
  await noteRequest(userId, id)
}

/** The person's login sessions, the most recently used first. */
export async function listLoginSessions(user: CurrentUser): Promise<LoginSession[]> {
  const rows = await database()
    .select()
    .from(loginSessions)
    .where(and(eq(loginSessions.userId, user.id), isLive))
    .orderBy(desc(loginSessions.lastSeenAt))
  return rows.map(({ id, client, userAgent, address, createdAt, lastSeenAt }) => ({
    id,
    client,
    userAgent,
    address,
    createdAt: createdAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
    isCurrent: id === user.loginSessionId,
  }))
}

/** For work that takes long. @throws {Refusal} 401 if the login session has ended meanwhile */
export async function requireLiveSession({ loginSessionId }: CurrentUser) {
  if (!(await database().$count(loginSessions, eq(loginSessions.id, loginSessionId))))
    throw new Refusal(401, 'Your login session has ended.')
}

/** Ends one of the person's login sessions. */
export async function endLoginSession(user: CurrentUser, id: string) {
  const ended = isId(id) ? await endWhere(user, eq(loginSessions.id, id)) : 0
  if (!ended) throw missing('login session')
}

export const endAllLoginSessions = (user: CurrentUser) => endWhere(user)

export const endOtherLoginSessions = (user: CurrentUser) =>
  endWhere(user, sql`${loginSessions.id} <> ${user.loginSessionId}`)

async function endWhere(
  { id: userId, loginSessionId, address }: CurrentUser,
  where?: ReturnType<typeof and>,
) {
  const ended = await deleteLoginSessions(database(), userId, where)
  if (!ended.length) return 0
  await recordSecurityEvent(
    userId,
    'login-sessions-ended',
    {
      address,
      session: loginSessionId,
      userAgent: ended.find(({ id }) => id === loginSessionId)?.userAgent,
      count: ended.length,
    },
    { ended: ended.map(({ id }) => id) },
  )
  await disconnect(userId, ended)
  return ended.length
}

type Ended = { id: string; userAgent: string | null }[]

/**
 * Deletes a person's login sessions, in the transaction that suspends or deletes the person. Call `disconnect` after the
 * commit.
 */
export const deleteLoginSessions = (
  tx: Pick<Transaction, 'delete'>,
  userId: string,
  where?: ReturnType<typeof and>,
): Promise<Ended> =>
  tx
    .delete(loginSessions)
    .where(and(eq(loginSessions.userId, userId), where))
    .returning({ id: loginSessions.id, userAgent: loginSessions.userAgent })

/** Closes the sockets of login sessions that have ended, and sets the person offline if none is left. */
export async function disconnect(userId: string, ended: Ended) {
  const ids = ended.map(({ id }) => id)
  // A request that is still being recorded would set the person online again after `goOffline`.
  await Promise.allSettled(ids.map((id) => noting.get(id)))
  const left = await database().$count(loginSessions, and(eq(loginSessions.userId, userId), isLive))
  if (!left) await goOffline(userId)
  await closeSockets(ids)
}

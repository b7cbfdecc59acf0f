import 'server-only'
import { and, eq, isNull, lt, ne, not, or, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { database } from '@/db/connection'
import { isAmong } from '@/db/is-among'
import { conversations, loginSessions, memberships, presence, users } from '@/db/schema'
import { isClosed } from './pairs'
import { signInChannel, userChannel } from './realtime/channels'
import { findOccupied } from './realtime/occupied'
import { event, publish } from './realtime/publish'
import { publishStatuses } from './realtime/statuses'
import { forever, grace, isRecentRequest, seenLifetime, statusColumns, toStatus } from './users'

type Times = { connectedUntil?: SQL; lastRequestAt?: SQL }

const none = sql`null::timestamptz`
const socketIsOpen = { connectedUntil: forever, lastRequestAt: sql`now()` }

/** Locks rows in one order, so that several processes cannot deadlock. */
const inOrder = (which: SQL | undefined) =>
  sql`${presence.userId} in (select user_id from presence where ${which} order by user_id for update)`
const existing = (userIds: string[]) => sql`select id from users where ${isAmong(users.id, userIds)}`

/** Records a request with a login session, unless that session has ended meanwhile. */
export const noteRequest = (userId: string, loginSessionId?: string) =>
  keepOnline(
    loginSessionId
      ? sql`select user_id as id from login_sessions where id = ${loginSessionId} and user_id = ${userId}`
      : sql`select id from users where id = ${userId}`,
    { lastRequestAt: sql`now()` },
  )

/** Records open streams, whose process repeats this, and sockets that are just being opened. */
export async function noteSeen(userIds: string[]) {
  if (userIds.length) await keepOnline(existing(userIds), { connectedUntil: sql`now() + ${seenLifetime}` })
}

/** Records that these people have an open socket. They stay online until `noteDisconnected`, without further writes. */
export async function noteConnected(userIds: string[]) {
  if (userIds.length) await keepOnline(existing(userIds), socketIsOpen)
}

/** When a stream was last seen. An open socket has no such time. */
const seenAt = sql`case when isfinite(${presence.connectedUntil}) then ${presence.connectedUntil} - ${seenLifetime} end`

/**
 * Records that a socket of these people closed. After the grace time, `announceOffline` checks whether they have
 * others.
 */
export async function noteDisconnected(userIds: string[]) {
  if (!userIds.length) return
  await database()
    .update(presence)
    .set({ connectedUntil: sql`greatest(now(), ${presence.lastRequestAt}, ${seenAt})` })
    .where(inOrder(and(isAmong(presence.userId, userIds), presence.announcedOnline)))
}

/** Sets a person offline at once, because their last login session has ended. */
export async function goOffline(userId: string) {
  await database()
    .insert(presence)
    .values({ userId, connectedUntil: sql`now()` })
    .onConflictDoUpdate({
      target: presence.userId,
      set: {
        lastRequestAt: null,
        connectedUntil: sql`greatest(now(), ${presence.lastRequestAt}, ${seenAt})`,
        announcedOnline: false,
      },
    })
  await announce([userId])
}

/**
 * Sets people online whose open socket was not reported, and expires those who have none, so that `announceOffline`
 * checks them.
 * @param connected everyone with an open socket
 * @param listedAt when they were listed. A person who disconnected later is not set online
 * @param closedAt when the others count as having disconnected
 */
export async function correctConnected(connected: string[], listedAt: string, closedAt: SQL) {
  const missed = sql`${existing(connected)} and not exists (
    select from presence where user_id = users.id and connected_until > ${listedAt}::timestamptz)`
  await keepOnline(missed, socketIsOpen)
  await database()
    .update(presence)
    .set({ connectedUntil: sql`greatest(${closedAt}, ${presence.lastRequestAt})` })
    .where(inOrder(and(eq(presence.connectedUntil, forever), not(isAmong(presence.userId, connected)))))
}

/** Nothing keeps the person online any more, as far as was reported. */
const isExpired = and(
  presence.announcedOnline,
  or(isNull(presence.connectedUntil), lt(presence.connectedUntil, sql`now() - ${grace}`)),
  sql`not ${isRecentRequest}`,
)

/**
 * Announces people who have gone offline. Asks Soketi first whether they still have a socket, because a report may be
 * lost, or be about one of several sockets.
 */
export async function announceOffline() {
  const expired = await database().select({ id: presence.userId }).from(presence).where(isExpired)
  if (!expired.length) return
  const ids = expired.map(({ id }) => id)
  await database()
    .update(presence)
    .set(socketIsOpen)
    // A person who disconnected after Soketi's answer is not expired yet.
    .where(inOrder(and(isAmong(presence.userId, await listConnected(ids)), isExpired)))
  const gone = await database()
    .update(presence)
    .set({ announcedOnline: false })
    .where(inOrder(and(isAmong(presence.userId, ids), isExpired)))
    .returning({ id: presence.userId })
  await announce(gone.map(({ id }) => id))
}

/** Those of these people who have an open socket: subscribed to their own channel, or only signed in. */
async function listConnected(userIds: string[]) {
  const sessions = await database()
    .select({ id: loginSessions.id, userId: loginSessions.userId })
    .from(loginSessions)
    // No socket lives longer than 24 h (scripts/services/soketi/guard/sockets.cjs).
    .where(and(isAmong(loginSessions.userId, userIds), sql`last_seen_at > now() - interval '25 hours'`))
  const channels = [
    ...userIds.map((userId) => ({ userId, name: userChannel(userId) })),
    ...sessions.map(({ id, userId }) => ({ userId, name: signInChannel(id) })),
  ]
  const occupied = await findOccupied(channels.map(({ name }) => name))
  return channels.flatMap(({ userId, name }) => (occupied.has(name) ? userId : []))
}

/** Updates these people's times, and announces those who were last announced offline. */
async function keepOnline(people: SQL, { connectedUntil = none, lastRequestAt = none }: Times) {
  const arrived = await database().execute<{ id: string }>(sql`
    with people as (${people}),
    before as (
      select user_id from presence where announced_online and user_id in (select id from people)
    ),
    seen as (
      insert into presence (user_id, connected_until, last_request_at, announced_online)
      -- In one order, as above.
      select id, ${connectedUntil}, ${lastRequestAt}, true from people order by id
      on conflict (user_id) do update set
        -- Transactions may commit in another order than they began, but the time last seen must not decrease.
        connected_until = greatest(presence.connected_until, excluded.connected_until),
        last_request_at = greatest(presence.last_request_at, excluded.last_request_at),
        -- A request from before a logout doesn't set a person online again.
        announced_online = presence.announced_online
          or greatest(excluded.connected_until, excluded.last_request_at) >= coalesce(presence.connected_until, '-infinity')
      -- While a socket is open, streams and requests change nothing.
      where not presence.announced_online
        or greatest(excluded.connected_until, excluded.last_request_at) > coalesce(presence.connected_until, '-infinity')
      returning user_id, announced_online
    )
    select user_id as id from seen where announced_online and user_id not in (select user_id from before)`)
  await announce(arrived.map(({ id }) => id))
}

/**
 * Publishes these people's statuses to everyone who lists people, and to the other person of each open direct
 * conversation.
 */
async function announce(userIds: string[]) {
  if (!userIds.length) return
  const [statuses, partners] = await Promise.all([listStatuses(userIds), listPartners(userIds)])
  publishStatuses(statuses)
  const byId = new Map(statuses.map((person) => [person.id, person]))
  publish(
    ...partners.map(({ personId, userId, conversationId }) =>
      event(userChannel(userId), 'conversation.touched', { conversationId, person: byId.get(personId) }),
    ),
  )
}

/** The statuses of those of these people who exist. */
export async function listStatuses(userIds: string[]) {
  if (!userIds.length) return []
  const rows = await database()
    .select(statusColumns)
    .from(users)
    .leftJoin(presence, eq(presence.userId, users.id))
    .where(isAmong(users.id, userIds))
  return rows.map(toStatus)
}

/** The people who are online and have an open direct conversation with one of these. */
function listPartners(userIds: string[]) {
  const theirs = alias(memberships, 'theirs')
  return database()
    .select({ personId: memberships.userId, userId: theirs.userId, conversationId: conversations.id })
    .from(memberships)
    .innerJoin(
      conversations,
      and(eq(conversations.id, memberships.conversationId), eq(conversations.kind, 'direct')),
    )
    .innerJoin(
      theirs,
      and(eq(theirs.conversationId, conversations.id), ne(theirs.userId, memberships.userId)),
    )
    .innerJoin(presence, and(eq(presence.userId, theirs.userId), presence.announcedOnline))
    .where(and(isAmong(memberships.userId, userIds), not(isClosed)))
}

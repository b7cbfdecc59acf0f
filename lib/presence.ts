import 'server-only'
import { and, eq, ne, not, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { database } from '@/db/connection'
import { conversations, leases, loginSessions, memberships, presence, users } from '@/db/schema'
import { keepAttending, removeAbsent } from './attendance'
import { isId } from './fields'
import { logError } from './log'
import { isClosed } from './pairs'
import { parseAttendance, parseChannel, signedInSession, userChannel } from './realtime/channels'
import { event, publish } from './realtime/publish'
import { soketi } from './realtime/soketi'
import { publishStatuses } from './realtime/statuses'
import { connectedSince } from './realtime/subscribe'
import { connectionLifetime, isOnline, statusColumns, toStatus } from './users'

// Soketi is polled every 2.5 s. A connection counts for 3 s after it was last seen, plus a grace time of 3 s
// (users.ts). So a lost connection is announced within 9 s (the contract allows 10), and one poll may fail without
// anyone going offline.
const pollEvery = sql`interval '2.5 seconds'`
const pollEveryMs = 2500
/** After a break, clients take up to 8 s to reconnect (reconnect.ts). Until then Soketi's list is incomplete. */
const settleMs = 9000

/** Records a request with a login session, unless that session has ended meanwhile. */
export const noteRequest = (userId: string, loginSessionId?: string) =>
  keepOnline(
    loginSessionId
      ? sql`select user_id as id from login_sessions where id = ${loginSessionId} and user_id = ${userId}`
      : sql`select id from users where id = ${userId}`,
    'last_request_at',
    sql`now()`,
  )

/** Records live connections: sockets that Soketi reported, or streams of this process. */
export async function noteConnected(userIds: string[]) {
  if (!userIds.length) return
  const people = sql`select id from users where id = any(${sql.param(userIds)}::uuid[])`
  await keepOnline(people, 'connected_until', sql`now() + ${connectionLifetime}`)
}

/** When a connection was last seen. */
const connectedAt = sql`${presence.connectedUntil} - ${connectionLifetime}`

/** Records that a person's last live connection closed. The next poll announces it, unless they reconnect before. */
export async function noteDisconnected(userId: string) {
  await database()
    .update(presence)
    .set({ connectedUntil: sql`least(${presence.connectedUntil}, greatest(now(), ${connectedAt}))` })
    .where(eq(presence.userId, userId))
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
        connectedUntil: sql`greatest(now(), ${presence.lastRequestAt}, ${connectedAt})`,
        announcedOnline: false,
      },
    })
  await announce([userId])
}

/** Starts polling Soketi. Only one instance at a time polls; a lease in the database decides which. */
export function startPresence() {
  connectedSince()
  let last = performance.now()
  const poll = () => {
    // This process was suspended, so its streams were not refreshed.
    if (performance.now() - last > 2 * pollEveryMs) lastFailure = performance.now()
    last = performance.now()
    refreshPresence().catch((error) => logError('presence.poll', error))
  }
  setInterval(poll, pollEveryMs).unref()
}

/** In `performance.now()` time. */
let lastFailure = Number.NEGATIVE_INFINITY

/**
 * Asks Soketi for its connections, unless another instance just did, and announces people who have gone offline.
 * Without an answer, or soon after a break, connections are unknown, not absent, and nobody goes offline.
 */
async function refreshPresence() {
  if (!(await takeLease())) return
  try {
    await noteChannels(await soketi().get({ path: '/channels' }))
    await updateKnownAt(isSettled())
  } catch (error) {
    lastFailure = performance.now()
    await updateKnownAt(false)
    throw error
  } finally {
    await Promise.all([announceOffline(), removeAbsent()])
  }
}

/**
 * Whether Soketi has answered, and this process's own socket been connected, long enough for its list to be complete.
 */
const isSettled = () => performance.now() - Math.max(lastFailure, connectedSince()) > settleMs

/** Moves `knownAt` (users.ts) to now if the list is complete; creates it in any case. */
const updateKnownAt = (isComplete: boolean) =>
  database()
    .insert(leases)
    .values({ name: 'presence known', until: sql`now()` })
    .onConflictDoUpdate({ target: leases.name, set: { until: sql`now()` }, setWhere: sql`${isComplete}` })

/** Records the people who are subscribed to their own channel, and those whose socket has only signed in. */
async function noteChannels(response: { json(): Promise<unknown> }) {
  const { channels } = (await response.json()) as { channels: Record<string, unknown> }
  const names = Object.keys(channels)
  const subscribed = names
    .map(parseChannel)
    .flatMap((channel) => (channel?.kind === 'private-user' ? channel.id : []))
  const sessions = names.flatMap((name) => signedInSession(name) ?? []).filter(isId)
  const signedIn = await database()
    .select({ userId: loginSessions.userId })
    .from(loginSessions)
    // An array, because PostgreSQL takes at most 65,535 parameters.
    .where(sql`${loginSessions.id} = any(${sql.param(sessions)}::uuid[])`)
  await noteConnected([...new Set([...subscribed, ...signedIn.map(({ userId }) => userId)])])
  await keepAttending(names.flatMap((name) => parseAttendance(name) ?? []))
}

async function takeLease() {
  const taken = await database()
    .insert(leases)
    .values({ name: 'presence', until: sql`now() + ${pollEvery}` })
    .onConflictDoUpdate({
      target: leases.name,
      set: { until: sql`excluded.until` },
      // Half a second of tolerance, so that the timer of a single instance is never just too early.
      setWhere: sql`${leases.until} < now() + interval '500 milliseconds'`,
    })
    .returning()
  return taken.length > 0
}

/** Sets `column` for these people, and announces those who were last announced offline. */
async function keepOnline(people: SQL, column: 'last_request_at' | 'connected_until', value: SQL) {
  const name = sql.identifier(column)
  const arrived = await database().execute<{ id: string }>(sql`
    with people as (${people}),
    before as (
      select user_id from presence where announced_online and user_id in (select id from people)
    ),
    seen as (
      insert into presence (user_id, ${name}, announced_online)
      -- In one order, so that several processes cannot deadlock.
      select id, ${value}, true from people order by id
      on conflict (user_id) do update set
        -- Transactions may commit in another order than they began, but the time last seen must not decrease.
        ${name} = greatest(presence.${name}, excluded.${name}),
        -- A request from before a logout doesn't set a person online again.
        announced_online = presence.announced_online
          or excluded.${name} >= coalesce(presence.connected_until, '-infinity')
      returning user_id, announced_online
    )
    select user_id as id from seen where announced_online and user_id not in (select user_id from before)`)
  await announce(arrived.map(({ id }) => id))
}

async function announceOffline() {
  const gone = await database()
    .update(presence)
    .set({ announcedOnline: false })
    .where(and(presence.announcedOnline, not(isOnline)))
    .returning({ id: presence.userId })
  await announce(gone.map(({ id }) => id))
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
    .where(sql`${users.id} = any(${sql.param(userIds)}::uuid[])`)
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
    .where(and(sql`${memberships.userId} = any(${sql.param(userIds)}::uuid[])`, not(isClosed)))
}

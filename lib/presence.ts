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

// A connection that was seen counts for 3 s and the grace of 3 s (users.ts), and is looked for every 2.5 s. So a lost
// one is announced within 9 s, where the contract allows 10, and one look may fail without anyone going offline.
const lookEvery = sql`interval '2.5 seconds'`
const lookEveryMs = 2500
/** After a break the clients' sockets take up to 8 s to return (reconnect.ts): only then is Soketi's list whole. */
const settleMs = 9000

/** Notes a request with a login session, unless that has ended meanwhile. */
export const noteRequest = (userId: string, loginSessionId?: string) =>
  keepOnline(
    loginSessionId
      ? sql`select user_id as id from login_sessions where id = ${loginSessionId} and user_id = ${userId}`
      : sql`select id from users where id = ${userId}`,
    'last_request_at',
    sql`now()`,
  )

/** Notes live connections, told by Soketi or held by this process. */
export async function noteConnected(userIds: string[]) {
  if (!userIds.length) return
  const people = sql`select id from users where id = any(${sql.param(userIds)}::uuid[])`
  await keepOnline(people, 'connected_until', sql`now() + ${connectionLifetime}`)
}

/** When a connection was last seen. */
const connectedAt = sql`${presence.connectedUntil} - ${connectionLifetime}`

/** Notes that a person's last live connection closed. The next look announces it, unless they are back by then. */
export async function noteDisconnected(userId: string) {
  await database()
    .update(presence)
    .set({ connectedUntil: sql`least(${presence.connectedUntil}, greatest(now(), ${connectedAt}))` })
    .where(eq(presence.userId, userId))
}

/** Offline at once, whatever was seen a moment ago: the last login session ended. */
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

/** Starts this process's watch. One instance at a time looks; the database decides which. */
export function watchPresence() {
  connectedSince()
  let last = performance.now()
  const look = () => {
    // This process stood still: its streams were not noted meanwhile.
    if (performance.now() - last > 2 * lookEveryMs) lastFailure = performance.now()
    last = performance.now()
    refreshPresence().catch((error) => logError('presence.watch', error))
  }
  setInterval(look, lookEveryMs).unref()
}

/** In `performance.now()`'s time. */
let lastFailure = Number.NEGATIVE_INFINITY

/**
 * Asks Soketi who is connected, unless another instance just did, and announces who is gone. What Soketi cannot
 * report is unknown, not absent: without its answer, or soon after a break, nobody is taken for gone.
 */
async function refreshPresence() {
  if (!(await takeLease())) return
  try {
    await noteChannels(await soketi().get({ path: '/channels' }))
    await noteKnown(isSettled())
  } catch (error) {
    lastFailure = performance.now()
    await noteKnown(false)
    throw error
  } finally {
    await Promise.all([announceGone(), removeAbsent()])
  }
}

/** Whether Soketi has answered, and this process's own socket been connected, for long enough. */
const isSettled = () => performance.now() - Math.max(lastFailure, connectedSince()) > settleMs

/** Moves the time of which it is known who is connected on to now; or begins it, where it is not to move. */
const noteKnown = (isWhole: boolean) =>
  database()
    .insert(leases)
    .values({ name: 'presence known', until: sql`now()` })
    .onConflictDoUpdate({ target: leases.name, set: { until: sql`now()` }, setWhere: sql`${isWhole}` })

/** Notes the people who subscribe to their own channel, and those whose socket only signed in. */
async function noteChannels(response: { json(): Promise<unknown> }) {
  const { channels } = (await response.json()) as { channels: Record<string, unknown> }
  const names = Object.keys(channels)
  const listening = names
    .map(parseChannel)
    .flatMap((channel) => (channel?.kind === 'private-user' ? channel.id : []))
  const sessions = names.flatMap((name) => signedInSession(name) ?? []).filter(isId)
  const signedIn = await database()
    .select({ userId: loginSessions.userId })
    .from(loginSessions)
    // One parameter, however many there are: PostgreSQL takes 65,535 at most.
    .where(sql`${loginSessions.id} = any(${sql.param(sessions)}::uuid[])`)
  await noteConnected([...new Set([...listening, ...signedIn.map(({ userId }) => userId)])])
  await keepAttending(names.flatMap((name) => parseAttendance(name) ?? []))
}

async function takeLease() {
  const taken = await database()
    .insert(leases)
    .values({ name: 'presence', until: sql`now() + ${lookEvery}` })
    .onConflictDoUpdate({
      target: leases.name,
      set: { until: sql`excluded.until` },
      // Half a second of tolerance, so that a lone instance's own timer is never just too early.
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
      -- In one order, because several processes do this at the same time.
      select id, ${value}, true from people order by id
      on conflict (user_id) do update set
        -- Transactions may commit in another order than they began, and the time last seen must not go back.
        ${name} = greatest(presence.${name}, excluded.${name}),
        -- A request from before a logout brings nobody back.
        announced_online = presence.announced_online
          or excluded.${name} >= coalesce(presence.connected_until, '-infinity')
      returning user_id, announced_online
    )
    select user_id as id from seen where announced_online and user_id not in (select user_id from before)`)
  await announce(arrived.map(({ id }) => id))
}

async function announceGone() {
  const gone = await database()
    .update(presence)
    .set({ announcedOnline: false })
    .where(and(presence.announcedOnline, not(isOnline)))
    .returning({ id: presence.userId })
  await announce(gone.map(({ id }) => id))
}

/** Publishes these people's statuses: for everyone who lists people, and in the entry of each open direct conversation. */
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

/** The statuses of these people, as far as they exist. */
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

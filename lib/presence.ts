import 'server-only'
import { and, eq, ne, not, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { database } from '@/db/connection'
import { conversations, leases, loginSessions, memberships, presence } from '@/db/schema'
import { isId } from './fields'
import { logError } from './log'
import { isClosed } from './pairs'
import { parseAttendance, parseChannel, signedInSession, userChannel } from './realtime/channels'
import { event, publish } from './realtime/publish'
import { soketi } from './realtime/soketi'
import { connectedSince } from './realtime/subscribe'
import { keepAttending, removeAbsent } from './rooms'
import { grace, isOnline } from './users'

// A connection that was seen counts for 3 s and the grace of 3 s (users.ts), and is looked for every 2.5 s. So a lost
// one is announced within 9 s, where the contract allows 10, and one look may fail without anyone going offline.
const connectionLifetime = sql`interval '3 seconds'`
const lookEvery = sql`interval '2.5 seconds'`
const lookEveryMs = 2500
/** After a break the clients' sockets take up to 8 s to return (reconnect.ts): only then is Soketi's list whole. */
const settleMs = 9000

/** Notes a request with a login session. */
export const noteRequest = (userId: string) => keepOnline([userId], 'last_request_at', sql`now()`)

/** Notes live connections, told by Soketi or held by this process. */
export const noteConnected = (userIds: string[]) =>
  keepOnline(userIds, 'connected_until', sql`now() + ${connectionLifetime}`)

/** Notes that a person's last live connection closed. The next look announces it, unless they are back by then. */
export async function noteDisconnected(userId: string) {
  await database()
    .update(presence)
    .set({ connectedUntil: sql`least(${presence.connectedUntil}, now())` })
    .where(eq(presence.userId, userId))
}

/** Offline at once, whatever was seen a moment ago: the last login session ended. */
export async function goOffline(userId: string) {
  await database()
    .update(presence)
    .set({ lastRequestAt: null, connectedUntil: sql`now() - ${grace}`, announcedOnline: false })
    .where(eq(presence.userId, userId))
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

/** Sets `column` for these people, and tells of those who were last announced offline. */
async function keepOnline(userIds: string[], column: 'last_request_at' | 'connected_until', value: SQL) {
  if (!userIds.length) return
  const ids = sql`${sql.param(userIds)}::uuid[]`
  const name = sql.identifier(column)
  const arrived = await database().execute<{ id: string }>(sql`
    with before as (
      select user_id from presence where user_id = any(${ids}) and announced_online
    ), seen as (
      insert into presence (user_id, ${name}, announced_online)
      select id, ${value}, true from users where id = any(${ids})
      on conflict (user_id) do update set ${name} = excluded.${name}, announced_online = true
      returning user_id
    )
    select user_id as id from seen where user_id not in (select user_id from before)`)
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

/** Tells those who have an open direct conversation with these people that its entry changed. */
async function announce(userIds: string[]) {
  if (!userIds.length) return
  const theirs = alias(memberships, 'theirs')
  const partners = await database()
    .select({ userId: theirs.userId, conversationId: conversations.id })
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
  publish(
    ...partners.map(({ userId, conversationId }) =>
      event(userChannel(userId), 'conversation.touched', { conversationId }),
    ),
  )
}

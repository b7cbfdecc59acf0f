import 'server-only'
import { and, eq, inArray, ne, not, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { database } from '@/db/connection'
import { conversations, leases, loginSessions, memberships, presence } from '@/db/schema'
import { logError } from './log'
import { parseChannel, signedInSession, userChannel } from './realtime/channels'
import { event, publish } from './realtime/publish'
import { soketi } from './realtime/soketi'
import { isOnline } from './users'

// A connection seen counts for 8 s and is looked for every 3: a lost one is noticed within 8 s, and one
// look may fail without anyone flickering. The contract allows 10 s for any change.
const connectionLifetime = sql`interval '8 seconds'`
const lookEvery = sql`interval '3 seconds'`
const lookEveryMs = 3000

/** Notes a request with a login session. */
export const noteRequest = (userId: string) => keepOnline([userId], 'last_request_at', sql`now()`)

/** Notes live connections, told by Soketi or held by this process. */
export const noteConnected = (userIds: string[]) =>
  keepOnline(userIds, 'connected_until', sql`now() + ${connectionLifetime}`)

/** Notes that somebody's last live connection closed. */
export async function noteDisconnected(userId: string) {
  await database().update(presence).set({ connectedUntil: sql`now()` }).where(eq(presence.userId, userId))
  await announceGone()
}

/** Offline at once, whatever was seen a moment ago: the last login session ended. */
export async function goOffline(userId: string) {
  await database()
    .update(presence)
    .set({ lastRequestAt: null, connectedUntil: sql`now()` })
    .where(eq(presence.userId, userId))
  await announceGone()
}

/** Starts this process's watch. One instance of all looks at a time; who looks is settled in the database. */
export function watchPresence() {
  const look = () => refreshPresence().catch((error) => logError('presence.watch', error))
  setInterval(look, lookEveryMs).unref()
}

/** Asks Soketi who is connected, unless somebody just did, and tells who has gone. */
export async function refreshPresence() {
  if (!(await takeLease())) return
  await Promise.all([announceGone(), soketi().get({ path: '/channels' }).then(noteChannels)])
}

/** Those who listen on their own channel, and those who only signed their socket in. */
async function noteChannels(response: { json(): Promise<unknown> }) {
  const { channels } = (await response.json()) as { channels: Record<string, unknown> }
  const names = Object.keys(channels)
  const listening = names
    .map(parseChannel)
    .flatMap((channel) => (channel?.kind === 'private-user' ? channel.id : []))
  const signedIn = await database()
    .select({ userId: loginSessions.userId })
    .from(loginSessions)
    .where(
      inArray(
        loginSessions.id,
        names.flatMap((name) => signedInSession(name) ?? []),
      ),
    )
  await noteConnected([...new Set([...listening, ...signedIn.map(({ userId }) => userId)])])
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

/** Tells those who have a direct conversation with these people that its entry changed. */
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
    .where(inArray(memberships.userId, userIds))
  publish(
    ...partners.map(({ userId, conversationId }) =>
      event(userChannel(userId), 'conversation.touched', { conversationId }),
    ),
  )
}
